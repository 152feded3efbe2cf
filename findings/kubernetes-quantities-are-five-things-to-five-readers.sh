#!/usr/bin/env bash
# kubernetes-resource-parser 0.1.0, k8s-resource-parser 0.2.2, @kubernetes/client-node 1.4.0 (npm), kubernetes 37.0.2 and lightkube 1.0.1
# (PyPI): what each makes of a quantity.
#
# Expected: one quantity is one number for all that read quantities. All these texts are valid: the metrics API names CPU in
# `n`, manifests and custom resources have texts such as `1.5Gi`, and `129e6` is an example of Kubernetes' own pages.
# Seen on 2026-11-30: only the Python client reads all of them. kubernetes-resource-parser drops a unit of CPU that it does not know, without an
# error: 156340n is 156340 cores, 1500u is 1500. Of memory it reads the digits before a point or an `e`, and loses the unit behind a
# point: 1.5Gi is 1 byte, 0.5Gi is 0, 129e6 is 129; and 1500m is NaN. k8s-resource-parser and lightkube fail at `n` and `u`.
# quantityToScalar of the Node.js client, which its topNodes and topPods use, fails at a point before a unit of memory.
# Why it matters: usage is wrong by nine powers of ten, or a whole table is missing because one row has such a text. Before one of
# these reads the metrics API or a list of HSS, try it with `1n` and `1.5Gi`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" kubernetes-resource-parser@0.1.0 k8s-resource-parser@0.2.2 \
    @kubernetes/client-node@1.4.0 > /dev/null
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install kubernetes==37.0.2 lightkube==1.0.1
cat > read.mjs <<'JS'
import lax from 'kubernetes-resource-parser';
import grammar from 'k8s-resource-parser';
import { quantityToScalar } from './node_modules/@kubernetes/client-node/dist/util.js';
const tried = (read, text) => { try { return String(read(text)); } catch { return 'error'; } };
for (const [kind, text] of process.argv.slice(2).map(one => one.split(':'))) {
  const own = kind === 'cpu' ? [lax.cpuParser, grammar.cpuParser] : [lax.memoryParser, grammar.memoryParser];
  console.log([...own, quantityToScalar].map(read => tried(read, text)).join(' '));
}
JS
cat > read.py <<'PY'
import sys
import kubernetes.utils.quantity, lightkube.utils.quantity
def tried(read, text):
    try:
        return f"{float(read(text)):.15g}"
    except ValueError:
        return "error"
for one in sys.argv[1:]:
    text = one.split(":")[1]
    print(tried(kubernetes.utils.quantity.parse_quantity, text), tried(lightkube.utils.quantity.parse_quantity, text))
PY
texts=(cpu:250m cpu:0.092 cpu:156340n cpu:1500u memory:512Mi memory:122674338 memory:1.5Gi memory:0.5Gi memory:129e6 memory:1500m)
paste -d' ' <(printf '%s\n' "${texts[@]}") <(node read.mjs "${texts[@]}") <(venv/bin/python -W ignore read.py "${texts[@]}") > seen
printf '%-18s %-20s %-20s %-18s %-14s %s\n' '' kubernetes-resource… k8s-resource-parser client-node Python lightkube
while read -r text a b c d e; do
    printf '%-18s %-20s %-20s %-18s %-14s %s\n' "$text" "$a" "$b" "$c" "$d" "$e"
done < seen
diff seen - <<'TEXT'
cpu:250m 0.25 0.25 0.25 0.25 0.25
cpu:0.092 0.092 0.092 0.092 0.092 0.092
cpu:156340n 156340 error 0.00015634 0.00015634 error
cpu:1500u 1500 error 0.0015 0.0015 error
memory:512Mi 536870912 536870912 536870912 536870912 536870912
memory:122674338 122674338 122674338 122674338 122674338 122674338
memory:1.5Gi 1 1610612736 error 1610612736 1610612736
memory:0.5Gi 0 536870912 error 536870912 536870912
memory:129e6 129 129000000 129000000 129000000 129000000
memory:1500m NaN 1.5 1.5 1.5 1.5
TEXT
