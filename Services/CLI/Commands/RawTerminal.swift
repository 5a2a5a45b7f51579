import Glibc

/// The terminal in a state in which single keys can be read and the whole screen is drawn; it is put back on `restore()`.
struct RawTerminal {
    private let before: termios

    /// Takes the terminal over; `nil` where standard input or output is none.
    init?() {
        var settings = termios()
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        before = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        // Stopped in the middle, the program would leave its screen behind.
        withUnsafeMutableBytes(of: &settings.c_cc) { characters in
            characters[Int(VSUSP)] = 0
            characters[Int(VMIN)] = 0
            characters[Int(VTIME)] = 0
        }
        guard tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
        // The other screen, without a cursor.
        Terminal.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Draws a frame over the one before; each line's rest and the screen's rest are cleared.
    func draw(_ lines: [String]) {
        Terminal.write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
    }

    /// What was typed, waited for at most so many milliseconds.
    func keys(within milliseconds: Int32) -> [UInt8] {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, milliseconds) > 0 else { return [] }
        // A terminal that is gone is readable and empty for ever.
        guard input.revents & Int16(POLLHUP | POLLERR) == 0 else { return Array("q".utf8) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : []
    }

    /// The screen's size.
    var size: (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Gives the terminal back as it was.
    func restore() {
        Terminal.write("\u{1B}[?25h\u{1B}[?1049l")
        var settings = before
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
}
