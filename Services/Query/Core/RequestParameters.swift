public import Metering

/// The query part of a request: names and values, in order, as they were decoded.
public struct RequestParameters: Sendable {
    private let pairs: [(name: String, value: String)]

    /// Takes decoded names and values.
    public init(_ pairs: [(name: String, value: String)]) {
        self.pairs = pairs
    }

    /// The last value of a name, empty ones left out.
    public subscript(name: String) -> String? {
        pairs.last { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// All values of a name, lists at commas taken apart; `\,` is a comma inside a value.
    public func list(_ name: String) throws(RequestError) -> [String] {
        var values: [String] = []
        for pair in pairs where pair.name == name {
            var value = ""
            for part in pair.value.split(separator: ",", omittingEmptySubsequences: false) {
                value += part
                if value.last == #"\"# {
                    value.removeLast()
                    value += ","
                    continue
                }
                values.append(value)
                value = ""
            }
            if !value.isEmpty { values.append(value) }
        }
        guard !values.contains("") else { throw RequestError(name, "has an empty item; give a value or leave it out") }
        return values
    }

    /// Refuses names that mean nothing, so that a typing error is not taken for "everything".
    ///
    /// - Parameters:
    ///   - lists: names that may be given several times.
    ///   - isEmptyAllowed: whether an empty value means that the name was not given, as forms of other programs have it.
    public func check(
        allowed: Set<String>, lists: Set<String> = [], isEmptyAllowed: Bool = false
    ) throws(RequestError) {
        var seen: Set<String> = []
        for pair in pairs {
            let name = String(pair.name.prefix(64))
            guard allowed.contains(pair.name) else {
                throw RequestError(
                    name, "is not a parameter here; known are \(allowed.sorted().joined(separator: ", "))")
            }
            guard isEmptyAllowed || !pair.value.isEmpty else {
                throw RequestError(name, "is empty; give a value or leave it out")
            }
            guard seen.insert(pair.name).inserted || lists.contains(pair.name) else {
                throw RequestError(name, "is given twice; only one value is taken")
            }
        }
    }

    /// Reads a whole number within bounds.
    public func integer(_ name: String, default fallback: Int64, in bounds: ClosedRange<Int64>) throws(RequestError)
        -> Int64
    {
        guard let text = self[name] else { return fallback }
        guard let value = Int64(text), "\(value)" == text, bounds.contains(value) else {
            throw RequestError(name, "must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return value
    }

    /// Reads one of a set of names.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default fallback: Choice
    ) throws(RequestError) -> Choice where Choice.RawValue == String {
        guard let text = self[name] else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            throw RequestError(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// Reads `since` and `until`, either of which may be left out.
    ///
    /// A date begins at its midnight in the zone and lasts its whole day.
    ///
    /// - Parameter isLastIncluded: whether an instant that ends a range is part of it.
    /// - Returns: the first instant, and the one after the last.
    public func range(
        in zone: ZoneOffsets, isLastIncluded: Bool = false
    ) throws(RequestError) -> (since: Timestamp?, until: Timestamp?) {
        let since = try instant("since") { zone.start(of: $0) }
        var until = try instant("until") { zone.start(of: CivilDay(daysSinceEpoch: $0.daysSinceEpoch + 1)) }
        if isLastIncluded, let end = until, self["until"].flatMap(Self.date) == nil {
            until = Timestamp(nanoseconds: end.nanoseconds.addingClamped(1))
        }
        if let since, let until, since >= until {
            throw RequestError("until", "must lie after since; a date includes its whole day")
        }
        return (since, until)
    }

    private static func date(_ text: String) -> CivilDay? { text.utf8.count == 10 ? CivilDay(text) : nil }

    private func instant(_ name: String, _ start: (CivilDay) -> Timestamp) throws(RequestError) -> Timestamp? {
        guard let text = self[name] else { return nil }
        if let day = Self.date(text) { return start(day) }
        // A plus sign that was not escaped arrives as a space.
        let written = text.replacingLastSpaceByPlus
        guard !written.contains(" "), let instant = Timestamp(rfc3339: written) else {
            throw RequestError(
                name,
                "must be a date such as 2026-11-21 or an instant such as 2026-11-21T08:00:00Z or 2026-11-21T08:00:00%2B01:00"
            )
        }
        return instant
    }
}

extension String {
    fileprivate var replacingLastSpaceByPlus: String {
        guard let space = lastIndex(of: " ") else { return self }
        return self[..<space] + "+" + self[index(after: space)...]
    }
}
