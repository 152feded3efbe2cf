#!/usr/bin/env bash
# huaweicloud-mcp-server 0.3.1 (PyPI; mcp 1.30.0, fastmcp 2.14.7, huaweicloudsdkcore 3.1.219): the pods of a project in another region.
#
# Expected: the tool ListK8sPods, which wants a project_id, asks HSS in the region of that project, or has an argument or a setting for
# the region.
# Seen on 2026-11-30: it asks hss.cn-north-4.myhuaweicloud.com for whichever project. A call may carry `region`, but no tool of HSS lists
# it: in the API's description it is a header, and the arguments of the tools are made of paths, queries and bodies. No
# variable, no flag and no line of the settings names a region. If HUAWEI_PROJECT_ID is not set, IAM of cn-north-4 is asked for its
# project first, and that is not used. Each name to search for has the default "0", so a client that fills in what the
# schema says searches for a pod 0. (A plain install of today also takes mcp 2 and then does not start.)
# Why it matters: an assistant that is asked for risky pods in another region asks a region where the project is not, and
# has no way to see that from the tool or from the answer.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install huaweicloud-mcp-server==0.3.1 mcp==1.30.0 fastmcp==2.14.7 \
    huaweicloudsdkcore==3.1.219 trustme==1.2.1
cat > proxy.py <<'PY'
# The names of all hosts lead here: answers each call by telling where it went.
import http.server, json, ssl, threading, trustme
authority = trustme.CA()
authority.cert_pem.write_to_path("ca.pem")
names = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
authority.issue_cert("*.cn-north-4.myhuaweicloud.com", "*.ap-southeast-1.myhuaweicloud.com").configure_cert(names)

class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        host = self.headers["Host"].split(":")[0]
        with open("asked", "a") as asked:
            print(host, self.path, file=asked)
        body = {"projects": [{"id": "project-of-the-north", "name": "cn-north-4"}]} if host.startswith("iam") else {
            "total_num": 1, "data_list": [{"pod_name": f"a pod from {host}"}]}
        body = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

class Proxy(http.server.BaseHTTPRequestHandler):
    def do_CONNECT(self):
        self.send_response(200)
        self.end_headers()
        try:
            Service(names.wrap_socket(self.connection, server_side=True), self.client_address, self.server)
        except (ssl.SSLError, OSError):
            pass
        self.close_connection = True
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
with open("port", "w") as port:
    port.write(str(server.server_port))
server.serve_forever()
PY
cat > call.py <<'PY'
import asyncio, json, os
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

async def main():
    keys = {"MCP_SERVER_MODE": "stdio", "HUAWEI_ACCESS_KEY": "AK", "HUAWEI_SECRET_KEY": "SK"}
    server = StdioServerParameters(command="venv/bin/mcp-server-hss", env={**os.environ, **keys})
    with open("log", "w") as log:
        async with stdio_client(server, errlog=log) as streams, ClientSession(*streams) as session:
            await session.initialize()
            tools = (await session.list_tools()).tools
            takes = [tool.name for tool in tools if "region" in tool.inputSchema["properties"]]
            print(f"{len(tools)} tools, {len(takes)} of them with a region")
            pods = next(tool for tool in tools if tool.name == "ListK8sPods").inputSchema
            print("ListK8sPods wants", *pods["required"], "and takes", *sorted(pods["properties"]))
            print("default of pod_name:", json.dumps(pods["properties"]["pod_name"]["default"]))
            for more in {}, {"region": "ap-southeast-1"}:
                answer = await session.call_tool("ListK8sPods", {"project_id": "project-in-ap-southeast-1"} | more)
                print(more, "->", json.loads(answer.content[0].text)["data_list"][0]["pod_name"])

asyncio.run(main())
PY
venv/bin/python proxy.py &
until [[ -s port ]]; do sleep 0.1; done
unset HTTP_PROXY ALL_PROXY http_proxy https_proxy all_proxy NO_PROXY no_proxy
export HOME=$folder HTTPS_PROXY=http://127.0.0.1:$(< port) REQUESTS_CA_BUNDLE=$folder/ca.pem
timeout 120 venv/bin/python -W ignore call.py | tee seen
cat asked
grep -qx '237 tools, 0 of them with a region' seen
grep -qx 'default of pod_name: "0"' seen
grep -qx '{} -> a pod from hss.cn-north-4.myhuaweicloud.com' seen
grep -qx "{'region': 'ap-southeast-1'} -> a pod from hss.ap-southeast-1.myhuaweicloud.com" seen
grep -qx 'hss.cn-north-4.myhuaweicloud.com /v5/project-in-ap-southeast-1/kubernetes/pods' asked
