import Foundation
import TestSupport
import Testing

/// The preview in a browser that nobody touches.
@Suite(.waitsLong, .enabled(if: ExternalTool.has("chromium"), "needs chromium"))
struct WatchedPageTests {
  @Test func `a browser shows each edit by itself, where and how it was looking`() throws {
    let directory = try TemporaryDirectoryOwner()
    let templates = try TemplateCopy(at: "\(directory.path)/T", locales: ["en", "sv"])
    let command = try ChildProcess(
      try ExternalTool.built("passcode"),
      ["template", "preview", "--templates", templates.path, "--out", "\(directory.path)/out", "--watch"])
    #expect(command.wait(for: "nothing found"))
    let page = try OpenPage("file://\(directory.path)/out/index.html", width: 1280, height: 900)
    let card = "document.querySelector('#all-sv-sign-in')"
    // Frames are as tall as their mail.
    let frame = "\(card).querySelector('.light iframe')"
    #expect(
      try page.wait(
        until:
          "\(frame).contentDocument.body.innerText.includes('042917') && \(frame).clientHeight == Math.ceil(\(frame).contentDocument.documentElement.getBoundingClientRect().height)"
      ))
    _ = try page.evaluate(
      "document.querySelector('[value=sv]').click(); document.querySelector('[value=\"1\"]').click(); \(card).scrollIntoView()"
    )
    let top = try #require(try page.evaluate("\(card).getBoundingClientRect().top") as? Double)

    try templates.replace("Din inloggningskod", with: "Din engångskod", in: "sv/sign-in/subject.txt")
    let subject = "\(card).querySelector('.subject').textContent"
    #expect(try page.wait(until: "\(subject) == 'Din engångskod till Fabrikam'"))
    #expect(
      try page.wait(until: "Math.abs(\(card).getBoundingClientRect().top - \(top)) < 2 && scrollY > 100"))
    let kept =
      "document.querySelector('[value=sv]').checked && chosen('sample') == '1' && document.querySelector('#all-en-sign-in').hidden"
    #expect(try page.evaluate(kept) as? Bool == true)

    // A slip is red where it is, and in the inbox, whose row and whose list lead to it.
    try templates.write("Koden till {{ap}}\n", to: "sv/sign-in/subject.txt")
    #expect(try page.wait(until: "\(card).classList.contains('refused')"))
    #expect(try page.evaluate("\(card).querySelector('.source mark').textContent") as? String == "ap")
    let row = "document.querySelector('.inbox li[data-locale=sv][data-purpose=sign-in]')"
    #expect(
      try page.evaluate(
        "\(row).classList.contains('refused') && getComputedStyle(\(row).querySelector('a')).backgroundColor != getComputedStyle(document.querySelector('.inbox')).backgroundColor"
      ) as? Bool == true)
    let link = "document.querySelector('.findings.all a').hash"
    #expect(try page.evaluate("\(card).contains(document.getElementById(\(link).slice(1)))") as? Bool == true)

    command.signal(SIGTERM)
    #expect(try command.wait().status == 0)
    #expect(try page.wait(until: "document.querySelector('#watch').classList.contains('over')"))
  }
}
