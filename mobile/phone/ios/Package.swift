// swift-tools-version:5.3

import PackageDescription

let package = Package(
  name: "purse-phone",
  platforms: [.macOS(.v10_13), .iOS(.v14)],
  products: [
    .library(name: "purse-phone", type: .static, targets: ["purse-phone"])
  ],
  dependencies: [
    .package(name: "Tauri", path: "../.tauri/tauri-api")
  ],
  targets: [
    .target(name: "purse-phone", dependencies: [.byName(name: "Tauri")], path: "Sources")
  ]
)
