/// Which release of Tollbook this is.
public enum Release {
    /// The version, by semantic versioning: what `--version` prints and the metric `tollbook_build_info` tells.
    public static let version = "0.9.0"
}
