public import Metering

/// What the live view shows, and how it is drawn.
public struct LiveView: Hashable, Sendable {
    /// What the table of the day is cut by.
    public enum Grouping: String, CaseIterable, Hashable, Sendable {
        case model, harness, project, session

        /// The one that comes after, or before.
        public func next(_ step: Int) -> Grouping {
            let all = Self.allCases
            let index = (all.firstIndex(of: self) ?? 0) + step
            return all[(index % all.count + all.count) % all.count]
        }
    }

    /// One row of the table of the day.
    public struct Row: Hashable, Sendable {
        /// The model, harness, project or session.
        public var name: String
        /// What it used.
        public var figures: UsageFigures

        /// Makes a row.
        public init(name: String, figures: UsageFigures) {
            self.name = name
            self.figures = figures
        }
    }

    /// The most calls that are kept.
    public static let maximumCalls = 200

    /// What the table is cut by.
    public var grouping = Grouping.model
    /// The table of the day, dearest first.
    public private(set) var rows: [Row] = []
    /// The day.
    public private(set) var today = UsageFigures()
    /// The block that still counts.
    public private(set) var block: UsageBlock?
    /// The last calls, newest first.
    public private(set) var calls: [LiveCall] = []
    /// When the service answered last.
    public private(set) var now: Timestamp?
    /// Why the view is not up to date; `nil` while it is.
    public var trouble: String?
    /// How many of the last calls are scrolled past.
    public private(set) var scroll = 0

    /// Makes an empty view.
    public init() {}

    /// Takes a new answer.
    public mutating func update(cells: [UsageCell], totals: UsageFigures, blocks: BlockPage) {
        rows = cells.map { cell in
            let name =
                switch grouping {
                case .model: cell.model
                case .harness: Optional(cell.harness)
                case .project: cell.project
                case .session: Optional(cell.period)
                }
            return Row(name: name ?? UsageReport.unnamedModel, figures: cell.figures)
        }
        rows.sort {
            ($1.figures.cost.picodollars, $1.figures.totalTokens, $0.name)
                < ($0.figures.cost.picodollars, $0.figures.totalTokens, $1.name)
        }
        today = totals
        block = blocks.blocks.last { $0.isActive }
        now = blocks.now
        trouble = nil
    }

    /// Takes new calls, oldest first.
    public mutating func add(_ new: [LiveCall]) {
        calls = Array((new.reversed() + calls).prefix(Self.maximumCalls))
        // What the reader looks at stays where it is.
        if scroll > 0 { scrollBy(new.count) }
    }

    /// Scrolls the list of calls.
    public mutating func scrollBy(_ lines: Int) {
        scroll = max(0, min(max(0, calls.count - 1), scroll + lines))
    }

    /// One line about the day, for pipes.
    public var summary: String {
        var parts = [
            "today \(NumberText.cost(today))", "\(NumberText.grouped(today.totalTokens)) tokens",
            "\(NumberText.grouped(today.calls)) calls",
        ]
        if let text = blockText { parts.append(text) }
        return parts.joined(separator: "  ")
    }

    private var blockText: String? {
        guard let block, let now else { return nil }
        let rest = TimeText.hours(minutes: max(0, block.end.seconds - now.seconds) / 60)
        return "block \(NumberText.cost(block.figures)) (\(rest) left)"
    }

    // MARK: Drawing

    /// The screen's lines, none longer than the screen is wide, never more than it is high.
    ///
    /// - Parameters:
    ///   - clock: the time as the reader's clock shows it.
    ///   - timeOfDay: writes the time of a call as that clock shows it.
    public func frame(
        columns: Int, lines: Int, isColoured: Bool, clock: String, timeOfDay: (Timestamp) -> String
    ) -> [String] {
        func paint(_ text: String, _ colour: Colour) -> String {
            let cut = Self.cut(text, columns)
            return isColoured ? colour.paint(cut) : cut
        }
        var frame = [paint("Tollbook live  \(clock)" + (trouble == nil ? "" : "  (not up to date)"), .cyan)]
        if let trouble { frame.append(paint(trouble, .red)) }
        frame.append(paint("Today  " + dayText, now != nil && today.pricing == .complete ? .green : .yellow))
        frame.append(Self.cut("Block  " + burnText, columns))
        frame.append("")
        let choices = Grouping.allCases.map { $0 == grouping ? "[\($0.rawValue)]" : $0.rawValue }
        frame.append(paint("Today by " + choices.joined(separator: " ") + "   ← → to change", .blue))
        let rest = max(0, lines - frame.count - 5)
        let tableHeight = min(rows.count, max(1, rest / 2))
        frame += table(columns, height: tableHeight).enumerated().map { $0 == 0 ? paint($1, .grey) : $1 }
        frame.append("")
        frame.append(paint("Last calls   ↑ ↓ to scroll, q to quit", .blue))
        let callHeight = max(0, lines - frame.count)
        frame += calls.dropFirst(scroll).prefix(callHeight).map { Self.cut(line($0, columns, timeOfDay), columns) }
        return Array(frame.prefix(lines))
    }

    /// What stands where the service has not answered so far: nothing is known then, not even that it is zero.
    private static let unknown = "not known yet"

    private var dayText: String {
        guard now != nil else { return Self.unknown }
        var text = "\(NumberText.cost(today))   \(NumberText.grouped(today.totalTokens)) tokens"
        text += "   \(NumberText.grouped(today.calls)) calls"
        if today.chargesWithoutCost > 0 { text += "   \(today.chargesWithoutCost) without a price" }
        return text
    }

    private var burnText: String {
        guard let now else { return Self.unknown }
        guard let block else { return "none is active" }
        let rest = TimeText.hours(minutes: max(0, block.end.seconds - now.seconds) / 60)
        var text = "\(NumberText.cost(block.figures))   \(rest) left"
        guard let rate = block.burnRate else { return text }
        let bound = block.figures.pricing == .complete ? "" : "≥ "
        text += "   \(bound)\(NumberText.dollars(rate.costPerHour))/hr"
        text += "   \(NumberText.grouped(rate.tokensPerMinute)) tokens/min"
        if let projection = block.projection(at: now) {
            text += "   \(bound)\(NumberText.dollars(projection.cost)) at its end"
        }
        return text
    }

    private func table(_ columns: Int, height: Int) -> [String] {
        let numbers: [(title: String, width: Int, value: (UsageFigures) -> String)] = [
            ("Calls", 8, { NumberText.grouped($0.calls) }), ("Input", 13, { NumberText.grouped($0.inputTokens) }),
            ("Output", 12, { NumberText.grouped($0.outputTokens) }),
            ("Cache read", 15, { NumberText.grouped($0.cacheReadTokens) }), ("Cost", 12, NumberText.cost),
        ]
        let shown = columns < 80 ? numbers.filter { ["Calls", "Cost"].contains($0.title) } : numbers
        let nameWidth = max(8, min(40, columns - shown.reduce(0) { $0 + $1.width }))
        let head = Self.padded("Name", nameWidth) + shown.map { Self.padded($0.title, -$0.width) }.joined()
        let lines = rows.prefix(height).map { row in
            Self.padded(Self.cut(ModelText.short(row.name), nameWidth - 1), nameWidth)
                + shown.map { Self.padded($0.value(row.figures), -$0.width) }.joined()
        }
        let hidden = rows.count - height
        return ([head] + lines).map { Self.cut($0, columns) }
            + (hidden > 0 ? [Self.cut("and \(hidden) more", columns)] : [])
    }

    private func line(_ call: LiveCall, _ columns: Int, _ timeOfDay: (Timestamp) -> String) -> String {
        let time = timeOfDay(call.time)
        let cost = Self.padded(call.cost, -12)
        func model(_ width: Int) -> String { Self.padded(Self.cut(ModelText.short(call.model), width), width) }
        let tokens = [
            Self.padded("in " + NumberText.grouped(call.input), -12),
            Self.padded("out " + NumberText.grouped(call.output), -11),
        ]
        // The cost stands last and is what people look for: a narrow screen leaves out other words, never that.
        let words =
            switch columns {
            case ..<75: [time, model(max(1, min(22, columns - 24))), cost]
            case ..<100: [time, model(22)] + tokens + [cost]
            default:
                [time, Self.padded(Self.cut(call.harness, 12), 12), Self.padded(Self.cut(call.session, 8), 8)]
                    + [model(22)] + tokens + [cost]
            }
        return words.joined(separator: "  ")
    }

    /// The text filled with spaces to a width; to its left where the width is negative.
    private static func padded(_ text: String, _ width: Int) -> String {
        let spaces = String(repeating: " ", count: max(0, abs(width) - text.count))
        return width < 0 ? spaces + text : text + spaces
    }

    /// The text cut to a width; control characters, which a name from outside may hold, become spaces.
    private static func cut(_ text: String, _ width: Int) -> String {
        let plain = String(text.map { $0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? " " : $0 })
        return plain.count <= width ? plain : plain.prefix(max(0, width - 1)) + "…"
    }
}
