import Metering
import Wire

extension Drift {
    /// The report as JSON text; money is decimal text in US dollars, exact.
    ///
    /// - Parameters:
    ///   - epoch: the ledger it was read from.
    ///   - sequence: the last change it takes in.
    public func json(epoch: String, sequence: Int64) -> [UInt8] {
        var json = JSONWriter(capacity: 512 + rows.count * 256)
        json.object { json in
            json.member("v", 1)
            json.member("epoch", epoch)
            json.member("seq", sequence)
            json.member("since", request.since?.description)
            json.member("until", request.until?.description)
            json.member("timezone", request.zone.name)
            json.key("rows")
            json.array { json in
                for (key, figures) in rows.sorted(by: { $0.key < $1.key }) {
                    json.object { json in
                        json.member("day", key.day.description)
                        json.member("model", key.model ?? noneLabel)
                        json.member("basis", key.basis.rawValue)
                        json.members(of: figures)
                    }
                }
            }
            json.key("totals")
            json.object { $0.members(of: totals) }
        }
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func members(of figures: Drift.Figures) {
        member("charges", figures.charges)
        member("reported_usd", figures.reported.description)
        member("computed_usd", figures.computed.description)
        member("difference_usd", figures.difference.description)
        key("difference_percent")
        if let percent = figures.percent { string(percent) } else { null() }
        member("unpriced_charges", figures.unpriced)
        member("estimated_charges", figures.estimated)
    }
}
