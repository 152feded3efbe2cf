#!/usr/bin/env bash
# @huaweicloud/huaweicloud-sdk-core 3.1.211 and huaweicloud-sdk-iam 3.1.172 (npm), typescript 5.9.3: the names of fields.
#
# Expected: a field that the types of an answer declare, such as `project.parentId`, has the value that the service sent.
# Seen on 2026-11-30: an answer is the JSON of the service as it came, cast to the declared class. The class has its fields of two
# words as getters (`parentId`, `isDomain`, `xSubjectToken`), and the JSON has no getters. So the compiler in its strict mode takes
# `project.parentId` and refuses `project.parent_id`, and at run time the first is undefined and the second has the value. Fields of
# one word work. Requests are the other way round: an object of the request's class wants `withParentId`, a plain object wants
# `parent_id`; a plain object with `parentId` asks for all projects, without an error.
# Why it matters: in a check that was compiled without a complaint, a flag such as `isDomain` is always false and a date such as
# `expiresAt` always missing; and a filter that is spelt as the types spell it is left out of the call.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" @huaweicloud/huaweicloud-sdk-core@3.1.211 \
    @huaweicloud/huaweicloud-sdk-iam@3.1.172 uuid@9.0.1 typescript@5.9.3 @types/node@20.19.25 > /dev/null
cat > call.ts <<'TS'
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GlobalCredentials } from '@huaweicloud/huaweicloud-sdk-core';
import * as iam from '@huaweicloud/huaweicloud-sdk-iam/v3/public-api';

const sent = { projects: [{ id: 'p', name: 'eu_west', parent_id: 'top', is_domain: true }], token: { expires_at: '2026-12-01' } };
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url!);
  response.writeHead(200, { 'Content-Type': 'application/json', 'X-Subject-Token': 'a-token' });
  response.end(JSON.stringify(sent));
});
server.listen(0, '127.0.0.1', async () => {
  const key = new GlobalCredentials().withAk('AK').withSk('SK').withDomainId('d');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = iam.IamClient.newBuilder().withCredential(key).withEndpoint(endpoint).build();
  const projects = await client.keystoneListProjects(new iam.KeystoneListProjectsRequest().withParentId('top'));
  const project = projects.projects![0];
  console.log('id, parentId, isDomain:', project.id, project.parentId, project.isDomain);
  console.log('parent_id, is_domain:', (project as any).parent_id, (project as any).is_domain);
  const body = new iam.KeystoneCreateUserTokenByPasswordRequestBody();
  const token = await client.keystoneCreateUserTokenByPassword(
    new iam.KeystoneCreateUserTokenByPasswordRequest().withBody(body));
  console.log('xSubjectToken, token.expiresAt:', token.xSubjectToken, token.token!.expiresAt);
  console.log("['X-Subject-Token'], token.expires_at:", (token as any)['X-Subject-Token'], (token.token as any).expires_at);
  await client.keystoneListProjects({ parentId: 'top' } as any);
  await client.keystoneListProjects({ parent_id: 'top' } as any);
  console.log('asked:', asked.filter(url => url.startsWith('/v3/projects')).join(' '));
  server.close();
});
TS
export HOME=$folder
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
node_modules/.bin/tsc --strict --target es2022 --module commonjs call.ts
echo "compiled in the strict mode"
node call.js | tee seen
[[ $(< seen) == "id, parentId, isDomain: p undefined undefined
parent_id, is_domain: top true
xSubjectToken, token.expiresAt: undefined undefined
['X-Subject-Token'], token.expires_at: a-token 2026-12-01
asked: /v3/projects?parent_id=top /v3/projects /v3/projects?parent_id=top" ]]
cat > wire.ts <<'TS'
import { ProjectResult } from '@huaweicloud/huaweicloud-sdk-iam/v3/public-api';
export const parent = (project: ProjectResult) => project.parent_id;
TS
if told=$(node_modules/.bin/tsc --strict --noEmit wire.ts); then
    exit 1
fi
echo "project.parent_id: $told"
[[ $told == *"parent_id'' is private"* ]]
