// swift-tools-version: 6.2
import PackageDescription

// Targets stand in the order data flows: vocabulary, spool, records, mail, delivery, worker, command.
let package = Package(
  name: "passcode-mailer",
  products: [
    .executable(name: "passcode", targets: ["passcode"]),
    .library(name: "PasscodeVerifier", targets: ["PasscodeVerifier"]),
    .library(name: "RequestSpool", targets: ["RequestSpool", "CodeRequests"]),
  ],
  targets: [
    .systemLibrary(name: "CLinux"),
    // Loads libcurl (apt: libcurl4-openssl-dev) when it is wanted, and links nothing.
    .target(name: "CLibcurl"),
    .systemLibrary(name: "CLibcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),

    .target(name: "LinuxSystem", dependencies: ["CLinux"]),
    .target(name: "CodeRequests"),
    .target(name: "RecordKeys", dependencies: ["CodeRequests", "LinuxSystem", "CLinux", "CLibcrypto"]),
    .target(name: "RequestSpool", dependencies: ["CodeRequests", "RecordKeys", "LinuxSystem"]),
    .target(name: "JSON5Text"),
    .target(name: "Configuration", dependencies: ["CodeRequests", "JSON5Text"]),
    .target(name: "GuestPolicy", dependencies: ["CodeRequests", "JSON5Text"]),
    .target(name: "Records", dependencies: ["GuestPolicy", "CodeRequests", "RecordKeys", "LinuxSystem"]),
    .target(
      name: "SQLiteRecords",
      dependencies: ["Records", "CodeRequests", "RecordKeys", "LinuxSystem", "CSQLite"]),
    .target(
      name: "PasscodeVerifier",
      dependencies: [
        "Records", "SQLiteRecords", "GuestPolicy", "CodeRequests", "RecordKeys", "LinuxSystem",
      ]),
    .target(name: "MessageComposition", dependencies: ["CodeRequests", "LinuxSystem"]),
    .target(name: "MessageTemplates", dependencies: ["CodeRequests", "LinuxSystem", "MessageComposition"]),
    .target(
      name: "SMTPDelivery",
      dependencies: ["CodeRequests", "LinuxSystem", "CLinux", "CLibcurl", "CLibcrypto"]),
    .target(name: "SMTPSink", dependencies: ["CodeRequests", "LinuxSystem", "CLinux"]),
    .target(
      name: "MailWorker",
      dependencies: [
        "CodeRequests", "RecordKeys", "RequestSpool", "Configuration", "GuestPolicy",
        "Records", "SQLiteRecords", "MessageTemplates", "MessageComposition", "SMTPDelivery", "LinuxSystem",
      ]),
    .target(
      name: "CBaselines", dependencies: ["CLibcurl"],
      linkerSettings: ["sqlite3", "crypto"].map { LinkerSetting.linkedLibrary($0) }),
    .executableTarget(
      name: "passcode",
      dependencies: [
        "CBaselines", "MailWorker", "SMTPSink", "CodeRequests", "RecordKeys", "RequestSpool", "Configuration",
        "GuestPolicy", "Records", "SQLiteRecords", "PasscodeVerifier", "MessageTemplates",
        "MessageComposition", "SMTPDelivery",
        "LinuxSystem",
      ]),

    .systemLibrary(name: "CLibssl", path: "Tests/CLibssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "CInterposed", path: "Tests/CInterposed"),
    .target(
      name: "RecordsFixture",
      dependencies: [
        "PasscodeVerifier", "Records", "SQLiteRecords", "GuestPolicy", "CodeRequests", "RecordKeys",
        "TestSupport",
      ],
      path: "Tests/RecordsFixture"),
    .target(
      name: "MemoryRecords", dependencies: ["Records", "LinuxSystem"], path: "Tests/MemoryRecords"),
    .target(
      name: "TestSupport", dependencies: ["LinuxSystem", "CodeRequests", "CLinux", "CLibssl"],
      path: "Tests/TestSupport"),
  ]
)

/// Each module has one folder of tests; the last three test the built command from outside.
let tests: [(name: String, dependencies: [Target.Dependency])] = [
  ("LinuxSystemTests", ["LinuxSystem"]),
  ("CodeRequestsTests", ["CodeRequests"]),
  ("RecordKeysTests", ["RecordKeys", "CodeRequests"]),
  ("RequestSpoolTests", ["RequestSpool", "CodeRequests", "RecordKeys", "LinuxSystem"]),
  ("JSON5TextTests", ["JSON5Text"]),
  ("ConfigurationTests", ["Configuration", "CodeRequests"]),
  ("GuestPolicyTests", ["GuestPolicy", "CodeRequests"]),
  (
    "RecordsTests",
    [
      "Records", "MemoryRecords", "SQLiteRecords", "PasscodeVerifier", "RecordsFixture", "GuestPolicy",
      "CodeRequests", "RecordKeys", "LinuxSystem",
    ]
  ),
  (
    "SQLiteRecordsTests",
    [
      "SQLiteRecords", "Records", "PasscodeVerifier", "RecordsFixture", "GuestPolicy", "CodeRequests",
      "RecordKeys", "LinuxSystem", "CLibcrypto",
    ]
  ),
  (
    "PasscodeVerifierTests",
    [
      "PasscodeVerifier", "Records", "SQLiteRecords", "RecordsFixture", "GuestPolicy", "CodeRequests",
      "RecordKeys", "LinuxSystem",
    ]
  ),
  ("MessageTemplatesTests", ["MessageTemplates", "CodeRequests"]),
  ("MessageCompositionTests", ["MessageComposition", "MessageTemplates", "CodeRequests", "LinuxSystem"]),
  (
    "SMTPDeliveryTests",
    ["SMTPDelivery", "CodeRequests", "LinuxSystem", "CInterposed", "CLibcurl", "CLibcrypto"]
  ),
  ("SMTPSinkTests", ["SMTPSink", "CodeRequests", "LinuxSystem"]),
  (
    "MailWorkerTests",
    [
      "MailWorker", "SMTPSink", "RequestSpool", "PasscodeVerifier", "Records", "SQLiteRecords", "RecordKeys",
      "MessageTemplates",
      "SMTPDelivery", "CodeRequests", "Configuration", "LinuxSystem",
    ]
  ),
  ("CommandTests", ["passcode"]),
  (
    "EndToEndTests",
    [
      "passcode", "MailWorker", "PasscodeVerifier", "Records", "SQLiteRecords", "RecordKeys", "CodeRequests",
    ]
  ),
  (
    "CrashTests",
    [
      "passcode", "PasscodeVerifier", "Records", "RequestSpool", "RecordKeys", "CodeRequests", "LinuxSystem",
      "CSQLite",
      "CLibcrypto",
    ]
  ),
  ("PeerTests", ["passcode", "SMTPDelivery", "MessageComposition", "CodeRequests", "LinuxSystem"]),
]
package.targets += tests.map { test in
  .testTarget(
    name: test.name, dependencies: test.dependencies + ["TestSupport"],
    // Golden mails are read by path, not bundled.
    exclude: test.name == "MessageCompositionTests" ? ["Golden"] : [])
}

for target in package.targets
where target.type != .system && !["CBaselines", "CInterposed", "CLibcurl"].contains(target.name) {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
}
