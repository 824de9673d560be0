import Foundation
import LocalAuthentication
import SwiftRs
import Tauri
import UIKit
import WebKit

struct Text: Decodable {
  let text: String
}

struct SharedFile: Decodable {
  let name: String
  let kind: String
  let bytes: String
}

/// The share sheet, swiping between pages, and the cover in the app switcher. Who checks what is shared is
/// `mobile/phone/src/share.rs`.
class PhonePlugin: Plugin {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("shared", isDirectory: true)
  private var cover: UIView?

  @objc public override func load(webview: WKWebView) {
    // What was shared last time has been read by now; that there is nothing to remove is no fault.
    try? FileManager.default.removeItem(at: folder)
    webview.allowsBackForwardNavigationGestures = true
    let center = NotificationCenter.default
    center.addObserver(
      self, selector: #selector(hide), name: UIApplication.willResignActiveNotification, object: nil)
    center.addObserver(
      self, selector: #selector(show), name: UIApplication.didBecomeActiveNotification, object: nil)
  }

  @objc public func shareText(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(Text.self)
    present(invoke, items: [args.text])
  }

  @objc public func shareFile(_ invoke: Invoke) throws {
    let args = try invoke.parseArgs(SharedFile.self)
    let file = folder.appendingPathComponent(args.name)
    guard file.standardizedFileURL.deletingLastPathComponent().path == folder.standardizedFileURL.path,
      let bytes = Data(base64Encoded: args.bytes)
    else {
      invoke.reject("no file")
      return
    }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try bytes.write(to: file, options: [.atomic, .completeFileProtection])
    } catch {
      invoke.reject("the file is not written: \(error.localizedDescription)")
      return
    }
    present(invoke, items: [file])
  }

  @objc public func onBack(_ invoke: Invoke) {
    // Pages are swiped here; there is no gesture that belongs to the system.
    invoke.resolve()
  }

  @objc public func lock(_ invoke: Invoke) {
    var error: NSError?
    let can = LAContext().canEvaluatePolicy(.deviceOwnerAuthentication, error: &error)
    let none = !can && error?.code == LAError.passcodeNotSet.rawValue
    let said: JsonObject = ["hasLock": !none]
    invoke.resolve(said)
  }

  @objc public func leave(_ invoke: Invoke) {
    // An app does not put itself away here.
    invoke.resolve()
  }

  private func present(_ invoke: Invoke, items: [Any]) {
    DispatchQueue.main.async {
      guard let controller = self.manager.viewController else {
        invoke.reject("there is no window")
        return
      }
      let sheet = UIActivityViewController(activityItems: items, applicationActivities: nil)
      // A tablet wants to know where it points to.
      sheet.popoverPresentationController?.sourceView = controller.view
      sheet.popoverPresentationController?.sourceRect = CGRect(
        x: controller.view.bounds.midX, y: controller.view.bounds.maxY, width: 0, height: 0)
      controller.present(sheet, animated: true) { invoke.resolve() }
    }
  }

  /// Balances are nothing for the app switcher's pictures.
  @objc private func hide() {
    guard cover == nil, let window = manager.viewController?.view.window else { return }
    let view = UIView(frame: window.bounds)
    view.autoresizingMask = [.flexibleWidth, .flexibleHeight]
    view.backgroundColor = .systemBackground
    window.addSubview(view)
    cover = view
  }

  @objc private func show() {
    cover?.removeFromSuperview()
    cover = nil
  }
}

@_cdecl("init_plugin_purse_phone")
func initPlugin() -> Plugin {
  return PhonePlugin()
}
