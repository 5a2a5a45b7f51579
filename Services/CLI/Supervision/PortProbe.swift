import FoundationEssentials
import Glibc

/// Whether a TCP port can be listened on, and who has it if not.
public enum PortProbe {
    /// Whether a service could listen on the port at a loopback address now.
    public static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As servers do: connections of an earlier run that linger in TIME_WAIT do not count as taken.
        var enabled: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &enabled, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(descriptor, 1) == 0
            }
        }
    }

    /// The process that listens on a port, when it may be seen: its name and id.
    public static func owner(of port: Int) -> (name: String, pid: Int)? {
        let inodes = Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listeningSockets(in: $0, port: port) })
        guard !inodes.isEmpty else { return nil }
        let files = FileManager.default
        for entry in (try? files.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int(entry) else { continue }
            for file in (try? files.contentsOfDirectory(atPath: "/proc/\(entry)/fd")) ?? [] {
                guard let target = try? files.destinationOfSymbolicLink(atPath: "/proc/\(entry)/fd/\(file)"),
                    target.hasPrefix("socket:["), inodes.contains(String(target.dropFirst(8).dropLast()))
                else { continue }
                return (programName(of: entry), pid)
            }
        }
        return nil
    }

    /// A process's program, whose file has the whole name; what the kernel calls it ends after 15 bytes.
    private static func programName(of process: String) -> String {
        if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe"),
            let name = path.split(separator: "/").last
        {
            return String(name)
        }
        let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
        return name?.split(separator: "\n").first.map { String($0) } ?? "?"
    }

    private static func listeningSockets(in table: String, port: Int) -> [String] {
        guard let text = try? String(contentsOfFile: table, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                Int(fields[1][fields[1].index(after: colon)...], radix: 16) == port
            else { return nil }
            return String(fields[9])
        }
    }
}
