#!/usr/bin/env bash
# kubernetes 37.0.2 and kr8s 0.20.15 (PyPI): a watch after the server has ended it, as a server does to each in half an hour or so.
#
# Expected: the loop goes on, from the last event; `deserialize=False` of the first only changes what an object is, and 410
# ("Expired") is answered by asking anew, or is an ApiException.
# Seen on 2026-11-30: the plain loop of kubernetes does that. `kr8s.watch` ends with the first connection, as if nothing more could
# come. So does the loop of kubernetes with `deserialize=False`, which does not keep the version of what it has read. With the
# resource_version of a list, the usual way, it asks from that version again each time, and every event since the list is
# given once more: pods that are long gone are added and deleted again. And 410 is a KeyError 'raw_object' there.
# Why it matters: plain dictionaries are what one sets to save time and memory in a large cluster. A monitor built on either falls silent in the
# first hour, or tells the same deletions again and again, and more of them each time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q --disable-pip-version-check install kubernetes==37.0.2 kr8s==0.20.15
cat > "$folder/call.py" <<'PY'
import http.server, json, threading
from urllib.parse import parse_qs, urlparse
import kr8s
from kubernetes import client, watch

history = [("ADDED", "web", 101), ("DELETED", "web", 102), ("ADDED", "db", 103)]
asked, expires = [], False
about = {  # what kr8s asks before a watch
    "/version": {"major": "1", "minor": "34", "gitVersion": "v1.34.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [
        {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["list", "watch"]}]},
}

class Server(http.server.BaseHTTPRequestHandler):
    # Sends the events after the version, ends the watch, and goes away after the third.
    def do_GET(self):
        known = about.get(urlparse(self.path).path.rstrip("/"))
        if known:
            return self.answer(200, json.dumps(known))
        version = parse_qs(urlparse(self.path).query).get("resourceVersion", ["none"])[0]
        asked.append(version)
        pod = lambda name, version: {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": []},
                                     "metadata": {"name": name, "resourceVersion": str(version)}}
        events = [{"type": kind, "object": pod(name, at)} for kind, name, at in history
                  if version == "none" or at > int(version)]
        if expires and len(asked) == 2:
            events = [{"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}}]
        if len(asked) < 4:
            self.answer(200, "".join(json.dumps(event) + "\n" for event in events))
        else:
            self.answer(503, "")
    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
api = client.CoreV1Api(client.ApiClient(client.Configuration(host=url)))

def kubernetes(**options):
    for event in watch.Watch().stream(api.list_namespaced_pod, "default", **options):
        pod = event["object"]
        yield event["type"], pod["metadata"]["name"] if isinstance(pod, dict) else pod.metadata.name

def look(what, watching):
    asked.clear()
    events = []
    try:
        for kind, name in watching:
            events.append(f"{kind.lower()} {name}")
        end = "the loop ends"
    except client.ApiException as error:
        end = str(error.status)
    except KeyError as error:
        end = f"KeyError {error}"
    print(f"{what}: asks from {' '.join(asked)}; {', '.join(events)}; {end}")
    return asked.copy(), len(events), end

assert look("objects", kubernetes()) == (["none", "103", "103", "103"], 3, "503")
assert look("dictionaries", kubernetes(deserialize=False)) == (["none"], 3, "the loop ends")
listed = {"resource_version": "100"}
assert look("objects, after a list", kubernetes(**listed)) == (["100", "103", "103", "103"], 3, "503")
assert look("dictionaries, after a list", kubernetes(deserialize=False, **listed)) == (["100"] * 4, 9, "503")
expires = True
assert look("objects, expired", kubernetes(**listed)) == (["100", "103", "103", "103"], 3, "503")
assert look("dictionaries, expired", kubernetes(deserialize=False, **listed)) == (["100"] * 2, 3, "KeyError 'raw_object'")
expires = False
pods = ((kind, pod.name) for kind, pod in kr8s.watch("pods", namespace="default", api=kr8s.api(url=url)))
assert look("kr8s", pods) == (["none"], 3, "the loop ends")
PY
env -u HTTP_PROXY -u HTTPS_PROXY -u http_proxy -u https_proxy HOME="$folder" "$folder/venv/bin/python" -W ignore "$folder/call.py"
