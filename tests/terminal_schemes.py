"""Switches real terminals between dark and light while hss-top runs in them; started by try-terminals.sh.

    terminal_schemes.py PROGRAM FOLDER        # DISPLAY is an X server; the terminals that are missing are left out

Each terminal is tried alone and, if tmux has mode 2031, with tmux inside. Whatever a terminal does, hss-top must end up in the
colours for its background, and switch the reports off again. Between terminal and program is a recorder, which also asks the
terminal whether it has mode 2031 and whether it is on.
"""

import fcntl, json, os, pty, re, select, shutil, signal, subprocess, sys, termios, time, tty

DARK, LIGHT = "#000000", "#ffffff"
MODE = b"\x1b[?2031$p\x1b[c"  # is mode 2031 on; the second answer tells that the first one does not come
WIDGET = r"""
import gi, os, sys
for name in ("Gdk", "Gtk"):
    gi.require_version(name, "3.0")
gi.require_version("Vte", "2.91")
from gi.repository import Gdk, GLib, Gtk, Vte
def colour(text):
    rgba = Gdk.RGBA()
    rgba.parse(text)
    return rgba
def switch(*_):
    for background in os.read(0, 100).decode().split():
        # In two steps, as GNOME Terminal does: the second one is reported too.
        terminal.set_color_background(colour(background))
        terminal.set_color_foreground(colour("#000000" if background == "#ffffff" else "#dddddd"))
    return True
terminal, window, loop = Vte.Terminal(), Gtk.Window(), GLib.MainLoop()
terminal.set_colors(colour("#dddddd"), colour("#000000"), [])
terminal.connect("child-exited", lambda *_: loop.quit())
GLib.io_add_watch(0, GLib.IO_IN, switch)
window.add(terminal)
window.set_default_size(1200, 700)
terminal.spawn_async(Vte.PtyFlags.DEFAULT, None, sys.argv[1:], None, GLib.SpawnFlags.SEARCH_PATH, None, None, -1, None, None)
window.show_all()
loop.run()
"""


def record(path, *program):
    """Runs the program in a terminal of its own inside this one. SIGUSR1 types Ctrl-c for it."""
    log = open(path, "w", buffering=1)
    terminal = os.open("/dev/tty", os.O_RDWR)
    tty.setraw(terminal)

    def note(what, data):
        print(json.dumps([time.time(), what, data.decode("latin-1")]), file=log)

    def ask(what):
        seen, end = b"", time.time() + 5
        os.write(terminal, MODE)
        while time.time() < end and not re.search(rb"\[\?[\d;]*c", seen):
            if select.select([terminal], [], [], 0.1)[0]:
                seen += os.read(terminal, 4096)
        note(what, seen)

    def size(*_):
        fcntl.ioctl(inner, termios.TIOCSWINSZ, fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8)))

    time.sleep(0.5)
    ask("before")
    child, inner = pty.fork()
    if child == 0:
        os.execvp(program[0], program)
    size()
    signal.signal(signal.SIGWINCH, size)
    signal.signal(signal.SIGUSR1, lambda *_: os.write(inner, b"\x03"))
    note("recorder", str(os.getpid()).encode())
    while True:
        ready = select.select([terminal, inner], [], [])[0]
        if terminal in ready:
            data = os.read(terminal, 65536)
            note("terminal", data)
            os.write(inner, data)
        if inner in ready:
            try:
                data = os.read(inner, 65536)
            except OSError:
                break
            note("program", data)
            os.write(terminal, data)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    ask("after")
    note("ended", str(ended).encode())


class Recording:
    def __init__(self, path):
        self.path = path

    def said(self, what, since=0.0):
        """What came of this kind, as pieces."""
        try:
            lines = [json.loads(line) for line in open(self.path) if line.endswith("\n")]
        except FileNotFoundError:
            return []
        return [data for at, kind, data in lines if kind == what and at >= since]

    def colours_since(self, since):
        """Which kind of background the letters are for that were drawn last; nothing if none were."""
        for piece in reversed(self.said("program", since)):
            rgb = [sum(map(int, it)) / 3 for it in re.findall(r"38;2;(\d+);(\d+);(\d+)", piece)]
            grey = [10 * int(it) - 2312 for it in re.findall(r"38;5;(2[34]\d|25[0-5])", piece)]
            drawn = rgb + grey
            if drawn:
                return "light" if sum(drawn) / len(drawn) < 128 else "dark"
        return None


def wait_for(what, condition, seconds=30):
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, what
        time.sleep(0.1)


def start(arguments, **more):
    return subprocess.Popen(arguments, stderr=subprocess.DEVNULL, start_new_session=True, **more)


def stop(process):
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


# Each starts a terminal with a dark background, and returns its process and what makes it dark or light.


def kitty(inside):
    address = f"unix:{os.getcwd()}/kitty-{time.time_ns()}"
    options = ["allow_remote_control=yes", f"listen_on={address}", f"background={DARK}", "foreground=#dddddd"]
    options += ["initial_window_width=1200", "initial_window_height=700", "remember_window_size=no"]
    process = start(["kitty", "--config", "NONE", *(part for it in options for part in ("-o", it)), *inside])

    def switch(background):
        own = f"{address}-{process.pid}"
        letters = DARK if background == LIGHT else "#dddddd"
        subprocess.run(["kitten", "@", "--to", own, "set-colors", f"background={background}", f"foreground={letters}"], check=True)

    return process, switch


def foot(inside):
    """In a Wayland compositor without a screen."""
    screen = dict(os.environ, WLR_BACKENDS="headless", WLR_LIBINPUT_NO_DEVICES="1", WLR_RENDERER="pixman")
    colours = ["-o", "colors-dark.background=000000", "-o", "colors-light.background=ffffff"]
    process = start(["cage", "--", "foot", *colours, *inside], env=screen)

    def switch(background):
        own = subprocess.check_output(["pgrep", "-g", str(process.pid), "-x", "foot"], text=True).split()[0]
        os.kill(int(own), signal.SIGUSR2 if background == LIGHT else signal.SIGUSR1)

    return process, switch


def vte(inside):
    open("widget.py", "w").write(WIDGET)
    process = start([sys.executable, "widget.py", *inside], stdin=subprocess.PIPE)

    def switch(background):
        process.stdin.write(background.encode() + b"\n")
        process.stdin.flush()

    return process, switch


def neovim(inside):
    """Its own terminal, without a screen."""
    address = f"{os.getcwd()}/neovim-{time.time_ns()}"
    process = start(["nvim", "--headless", "--clean", "--listen", address, "-c", "set background=dark", "-c", "terminal " + " ".join(inside)])

    def switch(background):
        kind = "light" if background == LIGHT else "dark"
        command = ["nvim", "--clean", "--headless", "--server", address, "--remote-expr", f"execute('set background={kind}')"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return process, switch


def version(arguments, pattern=r"(\d+\.[\w.]+)"):
    """The version of an installed program, or nothing."""
    if not shutil.which(arguments[0]):
        return None
    told = subprocess.run(arguments, capture_output=True, text=True, check=False)
    found = re.search(pattern, told.stdout)
    return found and found[1]


TERMINALS = {
    "kitty": (kitty, version(["kitty", "--version"])),
    "foot": (foot, version(["foot", "--version"]) if shutil.which("cage") else None),
    "VTE": (vte, version([sys.executable, "-c", "import gi; gi.require_version('Vte', '2.91'); from gi.repository import Vte; "
                          "print(Vte.get_major_version(), Vte.get_minor_version(), Vte.get_micro_version(), sep='.')"])),
    "Neovim": (neovim, version(["nvim", "--version"])),
}


def tried(name, multiplexer, program):
    """Tries hss-top in one terminal; returns what was seen."""
    recording = Recording(f"{os.getcwd()}/{name}-{multiplexer or 'alone'}.json")
    inside = [sys.executable, os.path.abspath(__file__), "--record", recording.path, program, "--demo", "--no-state"]
    if multiplexer:
        inside = ["tmux", "-L", "try", "-f", "/dev/null", "new-session", *inside]
    process, switch = TERMINALS[name][0](inside)
    try:
        wait_for("no pods", lambda: "FRESH" in "".join(recording.said("program")))
        time.sleep(2)
        has_mode = re.search(r"\?2031;[12]\$y", recording.said("before")[0])
        assert recording.colours_since(0) == "dark", "not in colours for the dark background at the start"
        for backgrounds in ([LIGHT], [DARK], [LIGHT, DARK, LIGHT]):
            since, wanted = time.time(), "light" if backgrounds[-1] == LIGHT else "dark"
            for background in backgrounds:
                switch(background)
            if has_mode:
                wait_for(f"{backgrounds}: not in colours for {wanted}", lambda: recording.colours_since(since) == wanted)
            time.sleep(4)
            now = recording.colours_since(since) or "dark"
            assert now == (wanted if has_mode else "dark"), f"{backgrounds}: in the end in colours for {now}"
        os.kill(int(recording.said("recorder")[0]), signal.SIGUSR1)
        wait_for("not ended", lambda: recording.said("ended"))
        assert recording.said("ended") == ["0"], "ended with an error"
        assert "?2031;1$y" not in recording.said("after")[0], "the reports are still on"
        return "follows each switch" if has_mode else "has no mode 2031"
    finally:
        if multiplexer:
            subprocess.run(["tmux", "-L", "try", "kill-server"], stderr=subprocess.DEVNULL, check=False)
        stop(process)


def main(program, folder):
    os.chdir(folder)
    os.environ |= {"LIBGL_ALWAYS_SOFTWARE": "1", "XDG_RUNTIME_DIR": folder, "HOME": folder, "NO_AT_BRIDGE": "1"}
    tmux = version(["tmux", "-V"])
    failed = False
    for name, (_, number) in TERMINALS.items():
        if not number:
            print(f"{name}: missing")
            continue
        multiplexers = [None, "tmux"] if tmux and name != "Neovim" else [None]
        for multiplexer in multiplexers:
            title = f"{name} {number}" + (f" with tmux {tmux}" if multiplexer else "")
            try:
                print(f"{title}: {tried(name, multiplexer, program)}", flush=True)
            except AssertionError as error:
                print(f"{title}: FAILED: {error}", flush=True)
                failed = True
    sys.exit(failed)


if sys.argv[1] == "--record":
    record(*sys.argv[2:])
else:
    main(*sys.argv[1:])
