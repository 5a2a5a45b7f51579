import CoreMetrics
import Ledger
import Logging
import Metering
import Metrics
import Pipeline
import Rating
import Wire

/// Turns calls into charges: passes every call's bytes through and adds what pricing found.
struct ChargeTransform: EventTransform {
    private let prices: CurrentPrices
    private var generation: Int
    private var rater: Rater
    private let logger: Logger
    private let charges: [Ledger.Rating.Status: Counter]
    private let unpriced: [UnpricedReason: Counter]
    /// What each metric says, by the name it is shown under.
    static let help = [
        "tollbook_price_catalogue_age_seconds":
            "How long ago a provider's list prices were last compared with what it publishes.",
        "tollbook_pricing_charges_total": "Charges sent on, by how far they could be priced.",
        "tollbook_pricing_price_book_reload_failures_total": "Changed price sheets that could not be read.",
        "tollbook_pricing_price_book_reloads_total": "Changed price sheets that were put in force.",
        "tollbook_pricing_price_book_rows": "Rows of the price sheets in force.",
        "tollbook_pricing_rejected_frames_total": "Frames that are no batch.",
        "tollbook_pricing_undecodable_events_total": "Events that could not be read and are passed on as they are.",
        "tollbook_pricing_unpriced_total": "Charges without a price, by reason.",
    ]

    private let undecodable = Counter(label: "pricing_undecodable_events")
    private let rejectedFrames = Counter(label: "pricing_rejected_frames")

    init(prices: CurrentPrices, logger: Logger) {
        self.prices = prices
        generation = prices.generation
        rater = Rater(book: prices.book)
        self.logger = logger
        charges = Dictionary(
            uniqueKeysWithValues: Ledger.Rating.Status.allCases.map { status in
                (status, Counter(label: "pricing_charges", dimensions: [("status", status.rawValue)]))
            })
        unpriced = Dictionary(
            uniqueKeysWithValues: UnpricedReason.allCases.map { reason in
                (reason, Counter(label: "pricing_unpriced", dimensions: [("reason", reason.rawValue)]))
            })
    }

    mutating func transform(_ batch: Batch, _ index: Int, into json: inout JSONWriter) {
        takeNewPrices()
        let transaction: PricedTransaction
        do throws(JSONError) {
            var reader = batch.reader(index)
            transaction = try reader.pricedTransaction()
        } catch {
            // As it is: query finds no charges in it and records a dead letter, so that the stream's numbers stay whole.
            undecodable.increment()
            json.raw(batch.bytes(index))
            return
        }
        json.object { json in
            json.key("charges")
            json.array { json in
                for call in transaction.calls { write(call, of: batch, into: &json) }
            }
            guard let reconciliations = transaction.reconciliations else { return }
            json.key("reconciliations")
            json.raw(batch.frame[reconciliations])
        }
    }

    mutating func reject(_ frame: RejectedFrame) {
        rejectedFrames.increment()
        logger.error("frame rejected", metadata: ["bytes": "\(frame.byteCount)", "reason": "\(frame.reason)"])
    }

    /// The calls of a transaction are priced from one book.
    private mutating func takeNewPrices() {
        let latest = prices.generation
        guard latest != generation else { return }
        generation = latest
        rater = Rater(book: prices.book)
    }

    private mutating func write(_ call: PricedCall, of batch: Batch, into json: inout JSONWriter) {
        let quote = rater.quote(call.request)
        charges[quote.status]?.increment()
        if let reason = quote.reason { unpriced[reason]?.increment() }
        json.raw(batch.frame[call.text.dropLast()])
        json.key("rating")
        json.rating(quote.rating(priceBookVersion: rater.book.version))
        json.endObject()
    }
}

/// What pricing reads of an event.
struct PricedTransaction {
    let calls: [PricedCall]
    /// Where the reconciliation records lie, which are passed on as they are; `nil` where there are none.
    let reconciliations: Range<Int>?
}

/// A call's text in its frame, and what pricing reads of it.
struct PricedCall {
    /// Where the call's object lies, from brace to brace.
    let text: Range<Int>
    /// What pricing reads of it.
    let request: RatingRequest
}
