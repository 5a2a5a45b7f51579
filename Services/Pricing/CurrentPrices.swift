import Rating
import Synchronization

/// The price book in force, which may be replaced while calls are being priced.
///
/// Whoever prices asks for the generation, which costs nothing, and takes the book anew when it has moved on; what is in
/// hand is finished with the book it began with.
final class CurrentPrices: Sendable {
    private let current: Mutex<PriceBook>
    private let count = Atomic<Int>(0)

    init(_ book: PriceBook) {
        current = Mutex(book)
    }

    /// How often the book was replaced.
    var generation: Int { count.load(ordering: .acquiring) }

    /// The book in force.
    var book: PriceBook { current.withLock { $0 } }

    /// Puts another book in force.
    func replace(with book: PriceBook) {
        current.withLock { $0 = book }
        count.add(1, ordering: .releasing)
    }
}
