#!/usr/bin/env bash
# @microsoft/tui-test 0.0.2 (npm): a test of a full-screen program asks whether a text is visible.
#
# Expected: as in Playwright, after which it is made: `getByText` is a question that each `expect` asks anew, of the screen as it is then. A
# text stands in one row. A text of Chinese characters is found as it is written.
# Seen on 2026-12-01: (1) A locator that was visible once stays so. `toBeVisible` passes for a text that is gone, and `not.toBeVisible`, the
# way to wait for its end, fails. (2) The rows are joined without anything between them: what ends one row and begins the next is one text,
# also from a table into the frame beside it. (3) Behind each character of two cells stands a blank: 生产 is only found as 生 产 and a blank.
# Why it matters: (1) is the usual shape of a test: wait for "loading", press a key, look again. Kept in a variable, it cannot fail any more
# when the program loses what it showed: an alert that vanishes, a selection that moves. Write `terminal.getByText` in each expect. For (2)
# a test of a state ("1 broken") can pass by the neighbours of two rows; take a word that is too long for that, or read the rows
# (`getViewableBuffer`). (3) only fails, and sends people to their program, which draws rightly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true, "type": "module"}' > package.json
npm install --silent --no-audit --no-fund @microsoft/tui-test@0.0.2
echo "@microsoft/tui-test $(node -p 'JSON.parse(fs.readFileSync("node_modules/@microsoft/tui-test/package.json")).version')"
cat > dashboard.py <<'PY'
# A picture of 40 columns; a key takes "ready" away.
import os, tty
tty.setraw(0)
os.write(1, "\x1b[?1049h\x1b[2J\x1b[H ready\x1b[2;1H 生产 pods\x1b[3;39H 1\x1b[4;1H broken pods: none".encode())
os.read(0, 1)
os.write(1, b"\x1b[H      ")
os.read(0, 1)
PY
cat > tui-test.config.ts <<'TS'
import { defineConfig } from "@microsoft/tui-test";
export default defineConfig({ retries: 0, timeout: 30000, workers: 1 });
TS
cat > look.test.ts <<'TS'
import { test, expect } from "@microsoft/tui-test";
test.use({ program: { file: "python3", args: ["dashboard.py"] }, rows: 10, columns: 40 });
const soon = { timeout: 2000 };
async function gone(terminal) {
  const ready = terminal.getByText("ready");
  await expect(ready).toBeVisible();
  terminal.write("x");
  await expect(terminal.getByText("ready")).not.toBeVisible();
  return ready;
}
test("gone, the same locator: visible", async ({ terminal }) => await expect(await gone(terminal)).toBeVisible(soon));
test("gone, the same locator: not visible", async ({ terminal }) => await expect(await gone(terminal)).not.toBeVisible(soon));
test("gone, a new locator: visible", async ({ terminal }) => {
  await gone(terminal);
  await expect(terminal.getByText("ready")).toBeVisible(soon);
});
test("over the edge of two rows, 1 broken: visible", async ({ terminal }) => await expect(terminal.getByText("1 broken")).toBeVisible(soon));
test("生产 as it is written: visible", async ({ terminal }) => await expect(terminal.getByText("生产")).toBeVisible(soon));
test("生产 with blanks: visible", async ({ terminal }) => await expect(terminal.getByText("生 产 ")).toBeVisible(soon));
TS
npx tui-test > log 2> errors || true
sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' log | sed -nE 's/^ *(✔|✘) .*› (.*) \([0-9.]*m?s\).*/\2: \1/p' | sed 's/✔/passes/; s/✘/fails/' | tee seen
diff seen - <<'SEEN' || { cat log errors; echo "the behaviour changed"; exit 1; }
gone, the same locator: visible: passes
gone, the same locator: not visible: fails
gone, a new locator: visible: fails
over the edge of two rows, 1 broken: visible: passes
生产 as it is written: visible: fails
生产 with blanks: visible: passes
SEEN
