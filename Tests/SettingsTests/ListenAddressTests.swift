import Settings
import Testing

@Suite struct `A listen address` {
    @Test(arguments: ["127.0.0.1", "localhost", "::1", "127.8.9.1"])
    func `on loopback needs no protection`(host: String) throws {
        let address = try ListenAddress(host: host, port: 4318, isInsecureAllowed: false)
        #expect(address.port == 4318)
    }

    @Test(arguments: ["0.0.0.0", "::", "192.168.1.4", "example.test", "128.0.0.1"])
    func `elsewhere is refused with the way out`(host: String) {
        #expect {
            _ = try ListenAddress(host: host, port: 4318, isInsecureAllowed: false)
        } throws: {
            "\($0)".contains("--insecure-allow")
        }
        #expect(throws: Never.self) { _ = try ListenAddress(host: host, port: 1, isInsecureAllowed: true) }
        #expect(throws: Never.self) {
            _ = try ListenAddress(host: host, port: 1, isProtected: true, isInsecureAllowed: false)
        }
    }

    @Test func `is written as ZeroMQ writes it`() throws {
        #expect(
            try ListenAddress(host: "127.0.0.1", port: 7101, isInsecureAllowed: false).endpoint
                == "tcp://127.0.0.1:7101")
        #expect(try ListenAddress(host: "::1", port: 0, isInsecureAllowed: false).endpoint == "tcp://[::1]:*")
        #expect(throws: SettingsError.self) {
            _ = try ListenAddress(host: "127.0.0.1", port: 70_000, isInsecureAllowed: false)
        }
    }
}
