public import Metering
import Wire

/// The answer to `/v1/blocks`.
public struct BlockReport: Hashable, Sendable {
    /// What was asked.
    public let request: BlockRequest
    /// The blocks, oldest first.
    public let blocks: [ActivityBlock]
    /// When it was answered.
    public let now: Timestamp

    /// Chooses the blocks that were asked for.
    public init(_ request: BlockRequest, blocks: [ActivityBlock], now: Timestamp) {
        self.request = request
        self.now = now
        self.blocks = blocks.filter { block in
            (request.since.map { block.start >= $0 } ?? true) && (request.until.map { block.start < $0 } ?? true)
                && (!request.isActiveOnly || block.isActive(at: now))
        }
    }

    /// The report as JSON text.
    ///
    /// - Parameters:
    ///   - epoch: the ledger it was read from.
    ///   - sequence: the last change it takes in.
    public func json(epoch: String, sequence: Int64) -> [UInt8] {
        var json = JSONWriter(capacity: 512 + blocks.count * 768)
        json.object { json in
            json.member("v", 1)
            json.member("epoch", epoch)
            json.member("seq", sequence)
            json.member("now", now)
            json.member("block_seconds", request.length * ReadPlan.quarter)
            json.member("cost", request.cost.rawValue)
            json.key("blocks")
            json.array { json in
                for block in blocks {
                    json.object { json in
                        json.member("start", block.start)
                        json.member("end", block.end)
                        json.member("first_activity", block.first)
                        json.member("last_activity", block.last)
                        json.member("active", block.isActive(at: now))
                        json.key("models")
                        json.array { json in
                            for model in block.models { json.string(model) }
                        }
                        json.members(of: block.usage, cost: request.cost)
                    }
                }
            }
        }
        return json.bytes
    }
}
