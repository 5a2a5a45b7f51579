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

    /// All values of a name, lists at commas taken apart.
    public func list(_ name: String) -> [String] {
        pairs.filter { $0.name == name }
            .flatMap { $0.value.split(separator: ",") }.map { String($0).trimmingSpaces }.filter { !$0.isEmpty }
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
        guard let value = Int64(text), bounds.contains(value) else {
            throw RequestError(name, "must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return value
    }

    /// Reads one of a set of names.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default fallback: Choice
    ) throws(RequestError) -> Choice where Choice.RawValue == String {
        guard let text = self[name] else { return fallback }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            throw RequestError(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// Reads the beginning of a range: an instant, or a date, which begins at local midnight.
    public func since(_ name: String = "since", in zone: ZoneOffsets) throws(RequestError) -> Timestamp? {
        guard let text = self[name] else { return nil }
        if let day = CivilDay(text) { return zone.start(of: day) }
        return try instant(name, text)
    }

    /// Reads the end of a range: an instant, which is not part of it, or a date, which is.
    public func until(_ name: String = "until", in zone: ZoneOffsets) throws(RequestError) -> Timestamp? {
        guard let text = self[name] else { return nil }
        if let day = CivilDay(text) { return zone.start(of: CivilDay(daysSinceEpoch: day.daysSinceEpoch + 1)) }
        return try instant(name, text)
    }

    private func instant(_ name: String, _ text: String) throws(RequestError) -> Timestamp {
        // A plus sign that was not escaped arrives as a space.
        guard let instant = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text.replacingLastSpaceByPlus) else {
            throw RequestError(
                name,
                "must be a date such as 2026-11-21 or an instant such as 2026-11-21T08:00:00Z or 2026-11-21T08:00:00%2B01:00"
            )
        }
        return instant
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    fileprivate var replacingLastSpaceByPlus: String {
        guard let space = lastIndex(of: " ") else { return self }
        return self[..<space] + "+" + self[index(after: space)...]
    }
}
