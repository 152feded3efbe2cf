#!/usr/bin/env bash
# xunit-viewer 10.6.1 (npm) beside junitparser 5.0.3 (PyPI): the results of one check for two projects, in two files.
#
# Expected: two files have two suites, and a case that failed in one of them is shown as failed, whatever the other one says.
# Seen on 2026-11-30: xunit-viewer takes suites of one name for one suite, and cases of one class and name for one case, also across
# files, and shows the state that it read last, in the order of the names of the files. With a failure in prod.xml and none in test.xml
# it shows "1 passed" and writes a green page. If the file with the failure is read last, it shows the failure alone. In one merged
# file it is the same, with the text of the failure below the sign of a passed case.
# junitparser counts both cases and ends with 1 for either order.
# Why it matters: a check that runs for several projects, and always writes the same names, is green in the report of a build as soon
# as the last project is. What tells the runs apart belongs into the name of the suite or of the class; the name of all suites
# together (testsuites) does not help.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts xunit-viewer@10.6.1 > npm.log 2>&1 || { cat npm.log; exit 1; }
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check junitparser==5.0.3

# A result: the file, the names of all suites, of the suite and of the class, and what is inside of the case.
write() {
    mkdir -p "$(dirname "$1")"
    cat > "$1" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="$2">
 <testsuite name="$3">
  <testcase classname="$4" name="pods at risk">$5</testcase>
 </testsuite>
</testsuites>
XML
}
failure='<failure message="3 pods">web-1</failure>'
shown() {
    node_modules/.bin/xunit-viewer -r "$1" -c -n -o "$1.html" 2>&1 | grep -aoE '[0-9]+ (passed|failure)' | sort | paste -sd ' '
}
for case in passed-last:prod:test passed-first:test:prod; do
    IFS=: read -r name first second <<< "$case"
    for place in "a.$first" "b.$second"; do
        text=
        [ "${place#*.}" = prod ] && text=$failure
        write "$name/$place.xml" check check check "$text"
    done
done
write suites/a.xml 'check prod' check check "$failure"
write suites/b.xml 'check test' check check ''
write suite/a.xml check 'check prod' check "$failure"
write suite/b.xml check 'check test' check ''
write class/a.xml check check check.prod "$failure"
write class/b.xml check check check.test ''
declare -A seen
for name in passed-last passed-first suites suite class; do
    python/bin/junitparser merge $name/a*.xml $name/b*.xml $name.xml
    status=0
    python/bin/junitparser verify $name.xml || status=$?
    counts=$(grep -oE '<testsuites [^>]*' $name.xml | grep -oE '(tests|failures)="[0-9]+"' | paste -sd ' ')
    seen[$name]="$(shown $name)"
    echo "$name: xunit-viewer: ${seen[$name]}; junitparser: $counts, exit code $status"
    [ "$counts $status" = 'tests="2" failures="1" 1' ]
done
merged=$(shown passed-last.xml)
echo "one merged file: xunit-viewer: $merged"
[[ ${seen[passed-last]} == '1 passed' && ${seen[passed-first]} == '1 failure' && ${seen[suites]} == '1 passed' ]]
[[ $merged == '1 passed' && ${seen[suite]} == '1 failure 1 passed' && ${seen[class]} == '1 failure 1 passed' ]]
