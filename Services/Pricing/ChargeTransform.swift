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
    private var rater: Rater
    private let logger: Logger
    private let charges: [Ledger.Rating.Status: Counter]
    private let unpriced: [UnpricedReason: Counter]
    private let undecodable = Counter(label: "pricing_undecodable_events")
    private let rejectedFrames = Counter(label: "pricing_rejected_frames")

    init(rater: Rater, logger: Logger) {
        self.rater = rater
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
        let calls: [PricedCall]
        do throws(JSONError) {
            var reader = batch.reader(index)
            calls = try reader.pricedCalls()
        } catch {
            // As it is: query finds no charges in it and records a dead letter, so that the stream's numbers stay whole.
            undecodable.increment()
            json.raw(batch.bytes(index))
            return
        }
        json.object { json in
            json.key("charges")
            json.array { json in
                for call in calls { write(call, of: batch, into: &json) }
            }
        }
    }

    mutating func reject(_ frame: RejectedFrame) {
        rejectedFrames.increment()
        logger.error("frame rejected", metadata: ["bytes": "\(frame.byteCount)", "reason": "\(frame.reason)"])
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

/// A call's text in its frame, and what pricing reads of it.
struct PricedCall {
    /// Where the call's object lies, from brace to brace.
    let text: Range<Int>
    /// What pricing reads of it.
    let request: RatingRequest
}
