#!/usr/bin/env bash
# @xterm/addon-serialize 0.14.0 with @xterm/headless 6.0.0 (npm): the picture and the modes of a full-screen program, put into a new terminal.
#
# Expected: the addon writes the contents *and the modes* (there is an option to leave modes out), so that a page that is loaded again, or an
# editor that is started again, shows its terminal as it was and goes on with the same program, which notices nothing.
# Seen on 2026-11-30: mouse reports, bracketed paste and focus reports are on again. But the mouse has the form of 1980: 1006 is forgotten. The
# cursor is visible (25), and a curly or coloured underline is a plain one.
# 0.15.0-beta.330 hides the cursor again, and forgets 1006 still, and 2031 (reports of dark and light), which xterm.js 6.1 knows.
# Why it matters: a click is now ESC [ M and three bytes, and xterm.js hands it out by another event (onBinary), which not every page
# listens to. From column 96 on one of the bytes is above 127; where it is sent on as UTF-8 it becomes two, and the last byte arrives as
# a key: the letter of its row (row 33: A, row 81: q). Beyond column 223 nothing is sent. A dashboard should send its modes with each full
# redraw, and draw all again now and then: nobody tells it that its terminal is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @xterm/headless@6.0.0 @xterm/addon-serialize@0.14.0
cat > restored.js <<'JS'
const assert = require("node:assert");
const { Terminal } = require("@xterm/headless");
const { SerializeAddon } = require("@xterm/addon-serialize");
const terminal = () => new Terminal({ cols: 240, rows: 50, allowProposedApi: true });
const write = (to, text) => new Promise((done) => to.write(text, done));
/** What a click makes the terminal send: as text, or as bytes by the other event. */
function click(of, column, row) {
  const sent = [];
  const listeners = [of.onData((text) => sent.push(`text ${JSON.stringify(text)}`)), of.onBinary((text) => sent.push(`binary ${Buffer.from(text, "latin1").toString("hex")}`))];
  of._core.coreMouseService.triggerMouseEvent({ col: column - 1, row: row - 1, x: 0, y: 0, button: 0, action: 1, ctrl: false, alt: false, shift: false });
  listeners.forEach((it) => it.dispose());
  return sent.join() || "nothing";
}
const MODES = { 25: "cursor", 1002: "mouse", 1004: "focus", 1006: "mouse as numbers", 1049: "alternate screen", 2004: "paste" };

/** Asks the terminal for each mode (DECRQM): 1 is on, 2 is off. */
async function modes(of) {
  let told = "";
  const listener = of.onData((text) => (told += text));
  for (const mode of Object.keys(MODES)) await write(of, `\x1b[?${mode}$p`);
  listener.dispose();
  return [...told.matchAll(/\x1b\[\?(\d+);(\d)\$y/g)].map(([, mode, value]) => `${MODES[mode]} ${value === "1" ? "on" : value === "2" ? "off" : value}`);
}

(async () => {
  const before = terminal();
  const addon = new SerializeAddon();
  before.loadAddon(addon);
  await write(before, "$ dashboard\r\n\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?1004h");
  await write(before, "\x1b[2J\x1b[H\x1b[4:3;58:5:9mpods\x1b[m \x1b[1;31m3 broken\x1b[m\x1b[50;200Hthe last line");
  const after = terminal();
  await write(after, addon.serialize());
  const text = (of) => [0, 49].map((row) => of.buffer.active.getLine(row).translateToString(true).trim()).join(" / ");
  assert.equal(text(after), text(before), "the behaviour changed: the text");
  const [was, is] = [await modes(before), await modes(after)];
  was.forEach((mode, at) => console.log(`${mode.padEnd(24)} ${mode === is[at] ? "" : `restored as: ${is[at]}`}`));
  const changed = was.filter((mode, at) => mode !== is[at]);
  assert.deepEqual(changed, ["cursor off", "mouse as numbers on"], "the behaviour changed: the modes");
  for (const [column, old, now] of [
    [9, 'text "\\u001b[<0;9;33M"', "binary 1b5b4d202941"],
    [100, 'text "\\u001b[<0;100;33M"', "binary 1b5b4d208441"],
    [230, 'text "\\u001b[<0;230;33M"', "nothing"],
  ]) {
    console.log(`a click in column ${column}: before ${click(before, column, 33)}, after ${click(after, column, 33)}`);
    assert.deepEqual([click(before, column, 33), click(after, column, 33)], [old, now], "the behaviour changed: the mouse");
  }
  assert.ok(!/58|4:3/.test(addon.serialize()), "the behaviour changed: the underline");
})();
JS
node restored.js
