// swift-tools-version: 6.2
import PackageDescription

// A frontend of somebody else's: it depends on the product and imports that module alone.
let package = Package(
  name: "frontend-example",
  dependencies: [.package(name: "passcode-mailer", path: "../..")],
  targets: [
    .executableTarget(
      name: "Frontend",
      dependencies: [.product(name: "PasscodeVerifier", package: "passcode-mailer")],
      swiftSettings: [.enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error)])
  ]
)
