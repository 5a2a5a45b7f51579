import Metering

extension Attributes {
    /// An instant written as RFC 3339 text; `nil` when it is not reported or is none.
    func time(text name: StaticString) -> Timestamp? {
        text(name).flatMap(Timestamp.init(rfc3339:))
    }

    /// An instant written as milliseconds since the Unix epoch; `nil` when it is not reported or is none.
    func time(milliseconds name: StaticString) -> Timestamp? {
        time(name, nanosecondsPerUnit: 1_000_000)
    }

    /// An instant written as seconds since the Unix epoch; `nil` when it is not reported or is none.
    func time(seconds name: StaticString) -> Timestamp? {
        time(name, nanosecondsPerUnit: 1_000_000_000)
    }

    /// The members below a path, named by what follows it.
    func below(_ path: StaticString) -> Attributes {
        Attributes(
            list.compactMap { attribute in
                guard attribute.key.hasPrefix(path) else { return nil }
                return Attribute(key: attribute.key.dropFirst(path.utf8CodeUnitCount), value: attribute.value)
            })
    }

    /// Whether a member is there and true.
    func isTrue(_ name: StaticString) -> Bool { self[name] == .boolean(true) }

    /// The last part of a path: a project's name without where it lies.
    func lastPathComponent(_ name: StaticString) -> String? {
        guard let path = self[name]?.utf8 else { return nil }
        let parts = path.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        return parts.last.flatMap { BoundedText.string($0) }
    }

    /// A reported cost; `nil` where it is zero too.
    ///
    /// For harnesses that write zero when they do not know the price, or when a subscription pays.
    func positiveCost(_ name: StaticString) throws(Rejection) -> Amount? {
        try cost(name).flatMap { $0 > .zero ? $0 : nil }
    }

    private func time(_ name: StaticString, nanosecondsPerUnit: Int64) -> Timestamp? {
        switch self[name]?.asInteger {
        case .integer(let number):
            let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: nanosecondsPerUnit)
            return overflow || number <= 0 ? nil : Timestamp(nanoseconds: nanoseconds)
        case .double(let number):
            // A double is exact to the microsecond, not beyond.
            let microseconds = (number * Double(nanosecondsPerUnit / 1000)).rounded()
            guard microseconds > 0, microseconds < Double(Int64.max / 1000) else { return nil }
            return Timestamp(nanoseconds: Int64(microseconds) * 1000)
        default: return nil
        }
    }
}
