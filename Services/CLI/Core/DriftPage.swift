public import Metering
public import Wire

/// An answer of `/v1/drift`: reported against computed cost, by day and model.
public struct DriftPage: Hashable, Sendable {
    /// One day and model, or the totals.
    public struct Row: Hashable, Sendable {
        /// The local day.
        public var day = ""
        /// The model.
        public var model = ""
        /// What is compared: charge by charge, or a session's totals.
        public var basis = ""
        /// The charges compared.
        public var charges: Int64 = 0
        /// What sources reported.
        public var reported = AmountTotal.zero
        /// What the sheets say.
        public var computed = AmountTotal.zero
        /// The difference.
        public var difference = AmountTotal.zero
        /// The difference as percent of the computed cost; `nil` without one.
        public var percent: String?
        /// Charges that no sheet prices.
        public var unpriced: Int64 = 0
    }

    /// The rows, by day and model.
    public private(set) var rows: [Row] = []
    /// Their sum.
    public private(set) var totals = Row()

    /// Reads an answer.
    public init(json text: [UInt8]) throws(JSONError) {
        var json = JSONReader(text)
        var rows: [Row] = []
        var totals = Row()
        try json.object { key, json throws(JSONError) in
            switch key {
            case "rows": try json.array { json throws(JSONError) in rows.append(try json.driftRow()) }
            case "totals": totals = try json.driftRow()
            default: try json.skip()
            }
        }
        try json.finish()
        self.rows = rows
        self.totals = totals
    }

    /// The drift as a table; `nil` when nothing could be compared.
    public func text(isColoured: Bool) -> String? {
        guard !rows.isEmpty else { return nil }
        let numbers = ["Charges", "Reported", "Computed", "Difference", "%", "Unpriced"]
        var table = TextTable(
            columns: ["Day", "Model", "By"].map { TextTable.Column($0) }
                + numbers.map { TextTable.Column($0, isRightAligned: true) })
        var day = ""
        for row in rows {
            table.rows.append(
                TextTable.Row(
                    [row.day == day ? "" : row.day, row.model, row.basis] + cells(row), isRuled: row.day != day))
            day = row.day
        }
        table.rows.append(TextTable.Row(["Total", "", ""] + cells(totals), colour: .yellow))
        return table.text(isColoured: isColoured)
    }

    private func cells(_ row: Row) -> [String] {
        [NumberText.grouped(row.charges)]
            + [row.reported, row.computed, row.difference].map { $0.rounded(toDigits: 6) }
            + [row.percent ?? "", row.unpriced == 0 ? "" : NumberText.grouped(row.unpriced)]
    }
}

extension JSONReader {
    fileprivate mutating func driftRow() throws(JSONError) -> DriftPage.Row {
        var row = DriftPage.Row()
        try object { key, json throws(JSONError) in
            switch key {
            case "day": row.day = try json.string()
            case "model": row.model = try json.string()
            case "basis": row.basis = try json.string()
            case "charges": row.charges = try json.int64()
            case "reported_usd": row.reported = try json.total()
            case "computed_usd": row.computed = try json.total()
            case "difference_usd": row.difference = try json.total()
            case "difference_percent": row.percent = try json.optionalString()
            case "unpriced_charges": row.unpriced = try json.int64()
            default: try json.skip()
            }
        }
        return row
    }

    private mutating func total() throws(JSONError) -> AmountTotal {
        let offset = index
        guard let amount = AmountTotal(dollars: try string()) else { throw JSONError(.invalidValue, at: offset) }
        return amount
    }
}
