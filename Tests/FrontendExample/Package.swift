// swift-tools-version: 6.2
import PackageDescription

// Frontends of somebody else's, each of which imports the modules of one product alone: one checks codes, the other
// asks for mails.
let package = Package(
  name: "frontend-example",
  dependencies: [.package(name: "passcode-mailer", path: "../..")],
  targets: [
    .executableTarget(
      name: "Frontend",
      dependencies: [.product(name: "PasscodeVerifier", package: "passcode-mailer")],
      swiftSettings: [.enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error)]),
    .executableTarget(
      name: "Enqueuer",
      dependencies: [.product(name: "RequestSpool", package: "passcode-mailer")],
      swiftSettings: [.enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error)]),
  ]
)
