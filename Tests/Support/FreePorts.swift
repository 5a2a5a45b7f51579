import Foundation
public import Supervision
import Synchronization

/// TCP ports of loopback for servers that are started by number, and for addresses at which nobody listens.
///
/// They lie outside the range from which the kernel serves whoever asks for any port: one from within it may be given to a client
/// or to another test between the moment it was chosen and the moment its server listens.
public enum FreePorts {
    private static let range = outside(ephemeral: ephemeral)

    /// Two runs side by side begin far apart.
    private static let next = Atomic(Int(ProcessInfo.processInfo.processIdentifier) * 101)

    /// Takes ports at which nobody listens and which this process has not given out lately.
    public static func take(_ count: Int) -> [Int] {
        var ports: [Int] = []
        while ports.count < count {
            let port = range.lowerBound + next.wrappingAdd(1, ordering: .relaxed).oldValue % range.count
            if PortProbe.isFree(port) { ports.append(port) }
        }
        return ports
    }

    /// The ports below a range that need no privilege and stand clear of well-known services, or those above it where these are more.
    public static func outside(ephemeral: ClosedRange<Int>) -> Range<Int> {
        let below = 10_000..<max(10_000, ephemeral.lowerBound)
        let above = (ephemeral.upperBound + 1)..<65_536
        return below.count >= above.count ? below : above
    }

    private static var ephemeral: ClosedRange<Int> {
        let text = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let bounds = (text ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        return bounds.count == 2 ? bounds[0]...bounds[1] : 32_768...60_999
    }
}

extension Ports {
    /// Makes ports at which nobody listens, so that deployments live side by side.
    public static func free() -> Ports {
        var ports = Ports()
        for (port, number) in zip(Port.allCases, FreePorts.take(Port.allCases.count)) { ports[port] = number }
        return ports
    }
}
