public import Metering

extension BlockList {
    /// How blocks are drawn.
    public struct Layout: Hashable, Sendable {
        /// Breaks times over two lines, for narrow terminals.
        public var isCompact: Bool
        /// Uses terminal colours.
        public var isColoured: Bool
        /// Shows what it cost.
        public var showsCost: Bool
        /// How many tokens a block may use.
        public var limit: TokenLimit?

        /// Makes a layout.
        public init(
            isCompact: Bool = false, isColoured: Bool = false, showsCost: Bool = true, limit: TokenLimit? = nil
        ) {
            self.isCompact = isCompact
            self.isColoured = isColoured
            self.showsCost = showsCost
            self.limit = limit
        }

        /// Terminals narrower than this many columns get the compact layout.
        public static let compactBelow = 120
    }

    /// The blocks as a titled table; `nil` when there are none.
    ///
    /// - Parameter localTime: writes a time as the reader's clock shows it, such as `2026-05-18 14:00`.
    public func text(_ layout: Layout, localTime: @escaping (Timestamp) -> String) -> String? {
        guard !blocks.isEmpty else { return nil }
        let limit = layout.limit.flatMap { $0.tokens(in: self) }
        let form = BlockForm(now: now, layout: layout, limit: limit, localTime: localTime)
        var table = TextTable(columns: form.columns)
        for block in blocks { table.rows += form.rows(block) }
        return TextTable.boxed(["Coding Agent Usage Report - Session Blocks"]) + "\n"
            + table.text(isColoured: layout.isColoured)
    }
}

/// Which columns a table of blocks has, and what stands in them.
private struct BlockForm {
    let now: Timestamp
    let layout: BlockList.Layout
    let limit: Int64?
    let localTime: (Timestamp) -> String

    var columns: [TextTable.Column] {
        ["Block Start", "Duration/Status", "Models"].map { TextTable.Column($0) }
            + (["Tokens"] + (limit == nil ? [] : ["%"]) + (layout.showsCost ? ["Cost (USD)"] : []))
            .map { TextTable.Column($0, isRightAligned: true) }
    }

    func rows(_ block: UsageBlock) -> [TextTable.Row] {
        guard !block.isGap else {
            return [line([period(block), "(inactive)", "-"], "-", "-", "-", colour: .grey)]
        }
        let used = block.figures.totalTokens
        let row = line(
            [period(block), block.isActive ? "ACTIVE" : "", ModelText.list(block.models)], NumberText.grouped(used),
            limit.map { percent(used, $0) } ?? "", NumberText.cost(block.figures),
            colour: limit.map { used > $0 } ?? false ? .red : block.isActive ? .green : nil)
        guard block.isActive else { return [row] }
        return [row] + [remaining(used), projected(block)].compactMap(\.self)
    }

    private func remaining(_ used: Int64) -> TextTable.Row? {
        guard let limit else { return nil }
        let rest = max(0, limit - used)
        return line(
            ["(assuming \(NumberText.grouped(limit)) token limit)", "REMAINING", ""], NumberText.grouped(rest),
            percent(rest, limit), "", colour: rest == 0 ? .red : .blue)
    }

    private func projected(_ block: UsageBlock) -> TextTable.Row? {
        guard let projection = block.projection(at: now) else { return nil }
        let cost = NumberText.dollars(projection.cost)
        return line(
            ["(assuming current burn rate)", "PROJECTED", ""], NumberText.grouped(projection.tokens),
            limit.map { percent(projection.tokens, $0) } ?? "",
            block.figures.pricing == .complete ? cost : "≥ " + cost,
            colour: limit.map { projection.tokens > $0 } ?? false ? .red : .yellow)
    }

    private func line(
        _ leading: [String], _ tokens: String, _ percent: String, _ cost: String, colour: Colour?
    ) -> TextTable.Row {
        TextTable.Row(
            leading + [tokens] + (limit == nil ? [] : [percent]) + (layout.showsCost ? [cost] : []), colour: colour)
    }

    private func percent(_ tokens: Int64, _ limit: Int64) -> String {
        NumberText.decimal((Int128(tokens) * 2000 + Int128(limit)) / (2 * Int128(limit)), digits: 1) + "%"
    }

    private func period(_ block: UsageBlock) -> String {
        let start = localTime(block.start)
        let separator = layout.isCompact ? "\n" : " "
        if block.isGap {
            let hours = (block.end.seconds - block.start.seconds) / 3600
            let end = localTime(block.end)
            return "\(start)\(layout.isCompact ? "\n- " : " - ")\(end)\(separator)(\(hours)h gap)"
        }
        if block.isActive {
            let elapsed = TimeText.hours(minutes: (now.seconds - block.start.seconds) / 60)
            let rest = TimeText.hours(minutes: (block.end.seconds - now.seconds) / 60)
            return "\(start)\(separator)(\(elapsed) elapsed, \(rest) remaining)"
        }
        let end = block.lastActivity ?? block.end
        return "\(start)\(separator)(\(TimeText.hours(minutes: (end.seconds - block.start.seconds) / 60)))"
    }
}
