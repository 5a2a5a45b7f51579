import Console
import Testing

@Suite struct ImportTests {
    @Test func `progress shows share, rate and the time that is left`() {
        let line = ProgressLine(done: 3 << 20, total: 6 << 20, seconds: 2, detail: "12 of 24 files")
        #expect(line.text(barWidth: 10) == "[=====-----]  50%  12 of 24 files  1.5 MiB/s  0:03 left")
        let done = ProgressLine(done: 0, total: 0, seconds: 0, detail: "0 files")
        #expect(done.text(barWidth: 4) == "[====] 100%  0 files")
    }
}
