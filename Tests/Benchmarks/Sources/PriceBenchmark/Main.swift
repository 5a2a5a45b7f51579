import Foundation
import Ledger
import Metering
import PriceSheets
import Rating

/// Prints how many calls a second one core prices: names known already, names new each time, and whole ratings.
///
/// The calls are read from a file that the peers' benchmark reads too: one JSON object a line, as `Peers/events.py` writes.
@main
enum PriceBenchmark {
    static func main() throws {
        guard CommandLine.arguments.count == 2 else {
            print("usage: PriceBenchmark EVENTS.jsonl")
            exit(64)
        }
        let requests = try events(CommandLine.arguments[1])
        let book = PriceBook(list: try PriceSheets.embedded())
        var rater = Rater(book: book)
        var sum = AmountTotal.zero
        for request in requests {
            let quote = rater.quote(request)
            precondition(quote.status == .priced, "\(request.model ?? "") has no price")
            sum += quote.cost
        }
        print("tollbook, sum of \(requests.count) calls: \(sum) USD, exact")
        report("tollbook, interned names", count: requests.count) { rater.quote(requests[$0]).cost.picodollars }
        report("tollbook, whole rating", count: requests.count) { index in
            rater.quote(requests[index]).rating(priceBookVersion: book.version).cost?.picodollars ?? 0
        }
        let few = Array(requests.prefix(200))
        report("tollbook, every name new", count: few.count) { index in
            var cold = Rater(book: book)
            return cold.quote(few[index]).cost.picodollars
        }
    }

    /// Prices all calls again and again for two seconds of processor time, three times, and prints the best.
    private static func report(_ name: String, count: Int, _ price: (Int) -> Int64) {
        var best = 0.0
        var check: Int64 = 0
        for _ in 0..<3 {
            var done = 0
            let start = processorSeconds()
            repeat {
                for index in 0..<count { check &+= price(index) }
                done += count
            } while processorSeconds() - start < 2
            best = max(best, Double(done) / (processorSeconds() - start))
        }
        precondition(check != 0, "something was priced")
        let digits = String(Int(best))
        print(
            name + String(repeating: " ", count: max(1, 48 - name.count - digits.count)) + digits + " calls/s per core")
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private struct Event: Decodable {
        let provider: String
        let model: String
        let at: String
        let uncached_input: Int64
        let cache_read: Int64
        let cache_write: Int64
        let output: Int64
    }

    private static func events(_ path: String) throws -> [RatingRequest] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            let event = try JSONDecoder().decode(Event.self, from: Data(line.utf8))
            let tokens = TokenCounts(
                uncachedInput: event.uncached_input, cacheRead: event.cache_read, cacheWrite5m: event.cache_write,
                output: event.output)
            guard let time = Timestamp(rfc3339: event.at) else { throw CocoaError(.fileReadCorruptFile) }
            return RatingRequest(provider: event.provider, model: event.model, time: time, tokens: tokens)
        }
    }
}
