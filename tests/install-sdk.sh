#!/bin/sh
# Installs the two Python packages that tests/official_sdk.rs needs into the folder given, a virtual environment.
set -eu
[ -x "$1/bin/python" ] || python3 -m venv "$1"
"$1/bin/python" -c 'import huaweicloudsdkhss' 2>/dev/null ||
    "$1/bin/pip" install --quiet huaweicloudsdkcore==3.1.219 huaweicloudsdkhss==3.1.219
