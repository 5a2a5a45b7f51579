/// How far a long job is, in one line.
public struct ProgressLine: Hashable, Sendable {
    /// Bytes done.
    public var done: Int64
    /// Bytes in all.
    public var total: Int64
    /// Seconds since the start.
    public var seconds: Double
    /// What is counted beside bytes, such as `12 of 40 files`.
    public var detail: String

    /// Makes a line.
    public init(done: Int64, total: Int64, seconds: Double, detail: String) {
        self.done = done
        self.total = total
        self.seconds = seconds
        self.detail = detail
    }

    /// The bar, percentage, rate and remaining time: `[=====-----]  50%  12 of 24 files  3.0 MiB/s  0:04 left`.
    public func text(barWidth: Int = 24) -> String {
        let share = total > 0 ? min(1, Double(done) / Double(total)) : 1
        let filled = Int(share * Double(barWidth))
        let bar = String(repeating: "=", count: filled) + String(repeating: "-", count: barWidth - filled)
        let percent = String(Int(share * 100))
        let padding = String(repeating: " ", count: 3 - percent.count)
        var text = "[\(bar)] \(padding)\(percent)%  \(detail)"
        guard seconds > 0.2, done > 0 else { return text }
        let rate = Double(done) / seconds
        text += "  \(NumberText.bytes(Int64(rate)))/s"
        if done < total { text += "  \(NumberText.clock(seconds: Int64(Double(total - done) / rate + 1))) left" }
        return text
    }
}
