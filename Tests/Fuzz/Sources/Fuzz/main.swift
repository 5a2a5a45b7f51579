import CFuzzer
import Glibc

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let target = FuzzTarget.chosen
exit(
    LLVMFuzzerRunDriver(&count, &arguments) { data, count in
        target.run(Array(UnsafeBufferPointer(start: data, count: count)))
        return 0
    })
