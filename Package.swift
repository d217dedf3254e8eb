// swift-tools-version: 6.2
import PackageDescription

// Targets stand in the order data flows: vocabulary, spool, records, mail, delivery, worker, service, command; then
// what is beside it, benches and tests.
let package = Package(
  name: "passcode-mailer",
  products: [
    .executable(name: "passcode", targets: ["passcode"]),
    .executable(name: "passcode-bench", targets: ["passcode-bench"]),
    .library(name: "PasscodeVerifier", targets: ["PasscodeVerifier"]),
    .library(name: "RequestSpool", targets: ["RequestSpool", "CodeRequests", "RecordKeys"]),
  ],
  targets: [
    .systemLibrary(name: "CLinux"),
    .target(name: "CDynamicLibrary"),
    // Loads libcurl (apt: libcurl4-openssl-dev) when it is wanted, and links nothing.
    .target(name: "CLibcurl", dependencies: ["CDynamicLibrary"]),
    // Loads libidn2 (apt: libidn2-0) when a text is not ASCII, and links nothing.
    .target(name: "CLibidn2", dependencies: ["CDynamicLibrary"]),
    .systemLibrary(name: "CLibcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),

    .target(name: "LinuxSystem", dependencies: ["CLinux"]),
    .target(name: "Documents"),
    .target(name: "Branding"),
    .target(name: "CodeRequests", dependencies: ["CLibidn2", "Documents", "LinuxSystem"]),
    .target(name: "RecordKeys", dependencies: ["CodeRequests", "LinuxSystem", "CLibcrypto"]),
    .target(name: "RequestSpool", dependencies: ["CodeRequests", "Documents", "LinuxSystem"]),
    .target(name: "GuestPolicy", dependencies: ["Branding", "CodeRequests", "Documents", "LinuxSystem"]),
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
    .target(
      name: "MessageTemplates",
      dependencies: ["Branding", "CodeRequests", "LinuxSystem", "Documents", "MessageComposition"]),
    .target(
      name: "SMTPDelivery",
      dependencies: ["CodeRequests", "Documents", "LinuxSystem", "CLibcurl", "CLibcrypto"]),
    // Decodes into the settings of the modules above.
    .target(
      name: "Configuration",
      dependencies: [
        "Branding", "CodeRequests", "Documents", "RequestSpool", "Records", "PasscodeVerifier",
        "SMTPDelivery", "LinuxSystem",
      ]),
    .target(name: "SMTPSink", dependencies: ["CodeRequests", "Documents", "LinuxSystem"]),
    .target(
      name: "MailWorker",
      dependencies: [
        "Branding", "CodeRequests", "Documents", "RecordKeys", "RequestSpool", "Configuration",
        "GuestPolicy", "Records", "SQLiteRecords", "MessageTemplates", "MessageComposition", "SMTPDelivery",
        "LinuxSystem",
      ]),
    .target(
      name: "PasscodeService",
      dependencies: [
        "Branding", "Configuration", "RecordKeys", "RequestSpool", "GuestPolicy", "PasscodeVerifier",
        "Records", "SQLiteRecords", "MailWorker", "CodeRequests", "MessageTemplates", "SMTPDelivery",
        "LinuxSystem",
      ]),
    .target(
      name: "CommandVerbs",
      dependencies: [
        "CodeRequests", "Documents", "Configuration", "RecordKeys", "RequestSpool", "GuestPolicy", "Records",
        "MessageTemplates", "SMTPDelivery", "SMTPSink", "LinuxSystem",
      ]),
    .executableTarget(
      name: "passcode",
      dependencies: [
        "CommandVerbs", "PasscodeService", "MailWorker", "SMTPSink", "CodeRequests", "Documents",
        "RecordKeys", "RequestSpool", "Configuration", "GuestPolicy", "PasscodeVerifier", "Records",
        "SQLiteRecords",
        "MessageTemplates", "SMTPDelivery", "LinuxSystem",
      ]),

    // Records of other people, for benches and tests.
    .target(name: "RecordFilling", dependencies: ["CodeRequests", "CSQLite"]),
    .target(
      name: "CBaselines", dependencies: ["CLibcurl"],
      linkerSettings: ["sqlite3", "crypto"].map { LinkerSetting.linkedLibrary($0) }),
    .executableTarget(
      name: "passcode-bench",
      dependencies: [
        // Started as a process, so built with it; nothing of it is linked.
        "passcode",
        "CBaselines", "RecordFilling", "CommandVerbs", "PasscodeService", "MailWorker", "SMTPSink",
        "CodeRequests", "Documents", "RecordKeys", "RequestSpool", "Configuration", "PasscodeVerifier",
        "Records",
        "SQLiteRecords",
        "MessageTemplates", "MessageComposition", "SMTPDelivery", "LinuxSystem",
      ]),

    .systemLibrary(name: "CLibssl", path: "Tests/CLibssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "CInterposed", path: "Tests/CInterposed"),
    .target(
      name: "RecordsFixture",
      dependencies: [
        "PasscodeVerifier", "Records", "SQLiteRecords", "RecordFilling", "GuestPolicy", "CodeRequests",
        "RecordKeys", "TestSupport",
      ],
      path: "Tests/RecordsFixture"),
    .target(
      name: "MemoryRecords", dependencies: ["Records", "LinuxSystem"], path: "Tests/MemoryRecords"),
    .target(
      name: "TestSupport", dependencies: ["SMTPSink", "LinuxSystem", "CLinux", "CLibssl"],
      path: "Tests/TestSupport"),
  ]
)

/// Each module has one folder of tests; the last three test the built command from outside.
let tests: [(name: String, dependencies: [Target.Dependency])] = [
  ("LinuxSystemTests", ["LinuxSystem", "TestSupport"]),
  ("DocumentsTests", ["Documents", "TestSupport"]),
  ("BrandingTests", ["Branding"]),
  ("CodeRequestsTests", ["CodeRequests", "CLibidn2", "TestSupport"]),
  ("RecordKeysTests", ["RecordKeys", "CodeRequests", "TestSupport"]),
  ("RequestSpoolTests", ["RequestSpool", "CodeRequests", "LinuxSystem", "TestSupport"]),
  (
    "ConfigurationTests",
    [
      "Branding", "Configuration", "RequestSpool", "Records", "SMTPDelivery", "CodeRequests", "LinuxSystem",
      "TestSupport",
    ]
  ),
  (
    "GuestPolicyTests",
    ["Branding", "GuestPolicy", "CodeRequests", "Documents", "LinuxSystem", "TestSupport"]
  ),
  (
    "RecordsTests",
    [
      "Records", "MemoryRecords", "SQLiteRecords", "PasscodeVerifier", "RecordsFixture", "GuestPolicy",
      "CodeRequests", "RecordKeys", "LinuxSystem", "TestSupport",
    ]
  ),
  (
    "SQLiteRecordsTests",
    [
      "SQLiteRecords", "Records", "PasscodeVerifier", "RecordsFixture", "RecordFilling", "GuestPolicy",
      "CodeRequests", "RecordKeys", "LinuxSystem", "CLibcrypto", "TestSupport",
    ]
  ),
  (
    "PasscodeVerifierTests",
    [
      "PasscodeVerifier", "Records", "SQLiteRecords", "RecordsFixture", "RecordFilling", "GuestPolicy",
      "CodeRequests", "RecordKeys", "LinuxSystem", "CLibcrypto", "CSQLite", "TestSupport",
    ]
  ),
  (
    "MessageTemplatesTests",
    ["Branding", "MessageTemplates", "MessageComposition", "CodeRequests", "LinuxSystem", "TestSupport"]
  ),
  (
    "MessageCompositionTests",
    ["MessageComposition", "MessageTemplates", "CodeRequests", "LinuxSystem", "TestSupport"]
  ),
  (
    "SMTPDeliveryTests",
    ["SMTPDelivery", "CodeRequests", "LinuxSystem", "CInterposed", "CLibcurl", "TestSupport"]
  ),
  ("SMTPSinkTests", ["SMTPSink", "CodeRequests", "LinuxSystem", "CLinux", "TestSupport"]),
  (
    "MailWorkerTests",
    [
      "Branding", "MailWorker", "SMTPSink", "RequestSpool", "PasscodeVerifier", "Records", "MemoryRecords",
      "SQLiteRecords", "SMTPDelivery", "MessageTemplates", "GuestPolicy", "RecordKeys", "CodeRequests",
      "Configuration", "LinuxSystem", "TestSupport",
    ]
  ),
  (
    "PasscodeServiceTests",
    [
      "PasscodeService", "MailWorker", "SMTPSink", "RequestSpool", "PasscodeVerifier", "Records",
      "GuestPolicy", "RecordKeys", "MessageTemplates", "SMTPDelivery", "CodeRequests", "Configuration",
      "LinuxSystem", "TestSupport",
    ]
  ),
  ("CommandTests", ["CommandVerbs", "Documents", "LinuxSystem"]),
  (
    "EndToEndTests",
    [
      "passcode", "passcode-bench", "CommandVerbs", "MailWorker", "MessageTemplates", "SMTPDelivery",
      "PasscodeVerifier", "Records", "SQLiteRecords",
      "RecordKeys", "CodeRequests",
      "TestSupport",
    ]
  ),
  (
    "CrashTests",
    [
      "passcode", "passcode-bench", "PasscodeVerifier", "Records", "SQLiteRecords", "RequestSpool",
      "SMTPSink",
      "RecordKeys", "CodeRequests",
      "LinuxSystem", "CSQLite", "CLibcrypto", "TestSupport",
    ]
  ),
  ("PeerTests", ["passcode", "passcode-bench", "TestSupport"]),
]
package.targets += tests.map { test in
  .testTarget(
    name: test.name, dependencies: test.dependencies,
    // Golden mails are read by path, not bundled.
    exclude: test.name == "MessageCompositionTests" ? ["Golden"] : [])
}

for target in package.targets
where target.type != .system
  && !["CBaselines", "CInterposed", "CDynamicLibrary", "CLibcurl", "CLibidn2"].contains(target.name)
{
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
}
