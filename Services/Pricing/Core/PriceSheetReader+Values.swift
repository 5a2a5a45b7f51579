import Metering
import Wire

extension PriceSheetReader {
    func selector(_ json: inout JSONReader) throws(JSONError) -> PriceSelector {
        var selector = PriceSelector.standard
        try json.object { key, json throws(JSONError) in
            switch key {
            case "service_tier": selector.serviceTier = try json.string()
            case "speed": selector.speed = try json.string()
            default: throw fault("unknown selector \"\(key.string)\"", at: json.index)
            }
        }
        return selector
    }

    /// Rates in dollars per million tokens, as text, to picodollars per token.
    func rates(_ json: inout JSONReader) throws(JSONError) -> [TokenClass: Int64] {
        var rates: [TokenClass: Int64] = [:]
        try json.object { key, json throws(JSONError) in
            guard let tokenClass = TokenClass(rawValue: key.string), tokenClass != .reasoning else {
                throw fault("\"\(key.string)\" is no billed token class", at: json.index)
            }
            let place = json.index
            let text = try json.string()
            guard let rate = Self.picodollarsPerToken(text) else {
                throw fault("\"\(text)\" is no whole number of picodollars per token", at: place)
            }
            rates[tokenClass] = rate
        }
        return rates
    }

    /// One dollar per million tokens is a million picodollars per token: the decimal point moves six digits.
    static func picodollarsPerToken(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, whole.isDigits else { return nil }
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard fraction.isDigits, fraction.utf8.count <= 6 else { return nil }
        return Int64(whole + fraction + String(repeating: "0", count: 6 - fraction.utf8.count))
    }

    func tier(_ json: inout JSONReader) throws(JSONError) -> (minimumInput: Int64, rates: [TokenClass: Int64]) {
        let place = json.index
        var minimumInput: Int64?
        var rates: [TokenClass: Int64] = [:]
        try json.object { key, json throws(JSONError) in
            switch key {
            case "at": minimumInput = try json.int64()
            case "above": minimumInput = try json.int64().addingClamped(1)
            case "rates": rates = try self.rates(&json)
            default: throw fault("unknown member \"\(key.string)\"", at: json.index)
            }
        }
        guard let minimumInput, minimumInput > 0, !rates.isEmpty else {
            throw fault("a tier needs \"above\" or \"at\", and rates", at: place)
        }
        return (minimumInput, rates)
    }

    func uplift(_ json: inout JSONReader) throws(JSONError) -> GeoUplift {
        let place = json.index
        var geo: String?
        var factor: Factor?
        try json.object { key, json throws(JSONError) in
            switch key {
            case "geo": geo = try json.string()
            case "factor": factor = Factor(try json.string())
            default: throw fault("unknown member \"\(key.string)\"", at: json.index)
            }
        }
        guard let geo, let factor else { throw fault("an uplift needs a geo and a factor like \"11/10\"", at: place) }
        return GeoUplift(geo: geo, factor: factor)
    }

    func webSearchFee(_ json: inout JSONReader) throws(JSONError) -> Amount? {
        var fee: Amount?
        try json.object { key, json throws(JSONError) in
            guard case "web_search" = key else { throw fault("unknown fee \"\(key.string)\"", at: json.index) }
            fee = try json.amount()
        }
        return fee
    }

    func window(_ json: inout JSONReader) throws(JSONError) -> PriceWindow {
        let place = json.index
        var window = PriceWindow(days: Set(1...7), hours: [], offset: 0, exceptions: [])
        try json.object { key, json throws(JSONError) in
            switch key {
            case "days":
                var days: Set<Int> = []
                try json.array { json throws(JSONError) in days.insert(Int(clamping: try json.int64())) }
                window.days = days
            case "hours":
                for text in try json.strings() { window.hours.append(try hours(text, at: place)) }
            case "offset": window.offset = try offset(&json)
            case "except":
                for text in try json.strings() {
                    guard let day = CivilDay(text) else { throw fault("\"\(text)\" is no day", at: place) }
                    window.exceptions.insert(day)
                }
            default: throw fault("unknown member \"\(key.string)\"", at: json.index)
            }
        }
        guard !window.hours.isEmpty, !window.days.isEmpty, window.days.isSubset(of: 1...7) else {
            throw fault("a window needs hours, and days from 1 (Monday) to 7", at: place)
        }
        return window
    }

    /// Reads `09:00-12:00` as minutes of the day.
    private func hours(_ text: String, at place: Int) throws(JSONError) -> Range<Int> {
        let ends = text.split(separator: "-").map { minutes(String($0)) }
        guard ends.count == 2, let start = ends[0], let end = ends[1], start < end else {
            throw fault("\"\(text)\" are no hours like 09:00-12:00", at: place)
        }
        return start..<end
    }

    /// Reads `+08:00` as seconds.
    private func offset(_ json: inout JSONReader) throws(JSONError) -> Int64 {
        let place = json.index
        let text = try json.string()
        guard let sign = text.first, sign == "+" || sign == "-", let minutes = minutes(String(text.dropFirst())) else {
            throw fault("\"\(text)\" is no offset like +08:00", at: place)
        }
        return Int64(minutes) * (sign == "-" ? -60 : 60)
    }

    private func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...24).contains(hour),
            (0...59).contains(minute), hour < 24 || minute == 0
        else { return nil }
        return hour * 60 + minute
    }
}
