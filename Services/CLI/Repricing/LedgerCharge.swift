public import Ledger
import Metering
public import Wire

/// A charge of the ledger with the text it is stored as.
public struct LedgerCharge: Hashable, Sendable {
    /// The charge.
    public let charge: Charge
    /// Its text, whole.
    public let text: [UInt8]

    /// Reads a charge.
    public init(text: [UInt8]) throws(JSONError) {
        var json = JSONReader(text)
        charge = try json.charge()
        self.text = text
    }

    /// The event that makes another rating take the place of this charge's: its text with reason and rating exchanged,
    /// every other member as it is.
    public func event(repricedTo rating: Rating) throws(JSONError) -> [UInt8] {
        var rating = rating
        rating.repricing = charge.rating.repricing + 1
        var json = JSONWriter(capacity: text.count + 512)
        json.beginObject()
        json.key("charges")
        json.beginArray()
        json.beginObject()
        var reader = JSONReader(text)
        try reader.object { key, reader throws(JSONError) in
            switch key {
            case "reason", "rating": try reader.skip()
            default:
                let name = key.string
                let value = try reader.raw()
                json.key(dynamic: name)
                json.raw(text[value])
            }
        }
        json.member("reason", Call.Reason.reprice.rawValue)
        json.key("rating")
        json.rating(rating)
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }
}

/// A page of `/v1/charges`: those charges that the ledger still has the text of.
public struct ChargesPage: Sendable {
    /// The charges, in the order of their numbers.
    public let charges: [LedgerCharge]
    /// Texts recorded before this are not there any more, because they were old; `nil` where none was removed.
    public let removedBefore: String?
    /// Where the next page begins; `nil` on the last.
    public let next: Int64?

    /// Reads a page.
    public init(json text: [UInt8]) throws(JSONError) {
        var charges: [LedgerCharge] = []
        var next: Int64?
        var removedBefore: String?
        var json = JSONReader(text)
        try json.object { key, json throws(JSONError) in
            switch key {
            case "charges":
                try json.array { json throws(JSONError) in
                    charges.append(try LedgerCharge(text: Array(text[try json.raw()])))
                }
            case "removed":
                guard try !json.null() else { return }
                try json.object { key, json throws(JSONError) in
                    guard case "before" = key else { return try json.skip() }
                    removedBefore = try json.string()
                }
            case "next": next = try json.null() ? nil : json.int64()
            default: try json.skip()
            }
        }
        try json.finish()
        self.charges = charges
        self.removedBefore = removedBefore
        self.next = next
    }
}
