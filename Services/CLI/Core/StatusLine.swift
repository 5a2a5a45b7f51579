public import Metering

/// The line under Claude Code's prompt.
public struct StatusLine: Hashable, Sendable {
    /// What Claude Code told.
    public var hook: StatusHook
    /// What the ledger said.
    public var ledger: Answer

    /// What became of the question to the ledger.
    public enum Answer: Hashable, Sendable {
        case figures(Figures)
        /// It answered, and not with figures: a key is missing, for instance.
        case refusal
        /// It could not be asked, or not in time.
        case nothing
    }

    /// What the ledger knows.
    public struct Figures: Hashable, Sendable {
        /// The session; `nil` where Claude Code did not name it.
        public var session: UsageFigures?
        /// The present day.
        public var today: UsageFigures
        /// The block that still counts.
        public var block: UsageBlock?
        /// When it was asked.
        public var now: Timestamp

        /// Makes figures.
        public init(session: UsageFigures?, today: UsageFigures, block: UsageBlock?, now: Timestamp) {
            self.session = session
            self.today = today
            self.block = block
            self.now = now
        }
    }

    /// Whose cost of the session is shown.
    public enum CostSource: String, CaseIterable, Hashable, Sendable {
        /// Claude Code's where it tells one, else the ledger's.
        case auto
        /// The ledger's, by the name that scripts for ccusage use.
        case ccusage
        /// The ledger's.
        case tollbook
        /// Claude Code's.
        case cc
        /// Both.
        case both
    }

    /// How the burn rate is marked beside its colour.
    public enum BurnRateMark: String, CaseIterable, Hashable, Sendable {
        case off
        case emoji
        case text
        case emojiText = "emoji-text"
    }

    /// What is shown and how.
    public struct Options: Hashable, Sendable {
        /// Whose cost of the session is shown.
        public var costSource = CostSource.auto
        /// How the burn rate is marked.
        public var burnRateMark = BurnRateMark.off
        /// Context use below this many percent is green.
        public var contextLow: Int64 = 50
        /// Context use from this many percent on is red.
        public var contextMedium: Int64 = 80
        /// Uses terminal colours.
        public var isColoured = false

        /// Makes the usual options.
        public init() {}
    }

    /// Makes a line.
    public init(hook: StatusHook, ledger: Answer) {
        self.hook = hook
        self.ledger = ledger
    }

    /// The line, without its line break.
    public func text(_ options: Options) -> String {
        var parts: [String] = []
        if let model = hook.model { parts.append("🤖 \(model)" + (hook.effort.map { " (\($0))" } ?? "")) }
        guard case .figures(let ledger) = ledger else {
            if let cost = hook.cost { parts.append("💰 \(NumberText.dollars(cost)) session") }
            let trouble = ledger == .refusal ? "tollbook refuses; tollbook daily says why" : "tollbook is away"
            return (parts + [trouble]).joined(separator: " | ")
        }
        parts.append(money(ledger, options.costSource))
        if let rate = ledger.block?.burnRate { parts.append(burn(rate, ledger.block?.figures, options)) }
        if let context = context(options) { parts.append(context) }
        return parts.joined(separator: " | ")
    }

    private func money(_ ledger: Figures, _ source: CostSource) -> String {
        let today = NumberText.cost(ledger.today) + " today"
        var block = "No active block"
        if let active = ledger.block {
            let minutes = max(0, active.end.seconds - ledger.now.seconds) / 60
            block = "\(NumberText.cost(active.figures)) block (\(TimeText.hours(minutes: minutes)) left)"
        }
        let session = sessionCost(ledger, source).map { "\($0) session / " } ?? ""
        return "💰 \(session)\(today) / \(block)"
    }

    private func sessionCost(_ ledger: Figures, _ source: CostSource) -> String? {
        let own = ledger.session.map(NumberText.cost)
        let theirs = hook.cost.map(NumberText.dollars)
        switch source {
        case .auto: return theirs ?? own
        case .ccusage, .tollbook: return own
        case .cc: return theirs ?? "N/A"
        case .both: return "(\(theirs ?? "N/A") cc / \(own ?? "N/A") tollbook)"
        }
    }

    private func burn(_ rate: UsageBlock.BurnRate, _ figures: UsageFigures?, _ options: Options) -> String {
        let level: (emoji: String, name: String, colour: Colour) =
            switch rate.uncachedMicrotokensPerMinute / 1_000_000 {
            case ..<2000: ("🟢", "Normal", .green)
            case ..<5000: ("⚠️", "Moderate", .yellow)
            default: ("🚨", "High", .red)
            }
        let isWhole = figures?.pricing == .complete
        let cost = (isWhole ? "" : "≥ ") + NumberText.dollars(rate.costPerHour) + "/hr"
        var words = [options.isColoured ? level.colour.paint(cost) : cost]
        if options.burnRateMark == .emoji || options.burnRateMark == .emojiText { words.append(level.emoji) }
        if options.burnRateMark == .text || options.burnRateMark == .emojiText { words.append("(\(level.name))") }
        return "🔥 " + words.joined(separator: " ")
    }

    private func context(_ options: Options) -> String? {
        guard let tokens = hook.contextTokens else { return nil }
        guard let size = hook.contextSize, size > 0 else { return "🧠 " + NumberText.grouped(tokens) }
        let percent = (Int128(tokens) * 200 + Int128(size)) / (2 * Int128(size))
        let text = "\(NumberText.grouped(tokens)) (\(percent)%)"
        let colour: Colour =
            percent < Int128(options.contextLow) ? .green : percent < Int128(options.contextMedium) ? .yellow : .red
        return "🧠 " + (options.isColoured ? colour.paint(text) : text)
    }
}
