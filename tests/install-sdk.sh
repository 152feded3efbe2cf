#!/bin/sh
# Installs the Python packages that tests/official_sdk.rs needs into the folder given, a virtual environment: the SDK, and
# the versions of its parsers that the table of answers was made with.
set -eu
[ -x "$1/bin/python" ] || python3 -m venv "$1"
"$1/bin/python" -c 'import huaweicloudsdkhss' 2>/dev/null ||
    "$1/bin/pip" install --quiet huaweicloudsdkcore==3.1.219 huaweicloudsdkhss==3.1.219 \
        simplejson==4.3.0 requests==2.34.2 urllib3==2.8.0
