import CodeRequests
import MessageTemplates
import Testing

/// White space, sections and partials as the Mustache specification rules them.
@Suite struct MustacheTests {
  /// `tenant` is "T" where it is set; `clientIP` never is.
  static let cases: [(name: String, template: String, expected: String)] = [
    ("no tags", "Hello\n", "Hello\n"),
    ("a variable", "Hello, {{app}}!", "Hello, Fabrikam!"),
    ("a padded variable", "|{{ app }}|\t{{\tapp\t}}|", "|Fabrikam|\tFabrikam|"),
    ("a variable keeps the white space around it", "  {{app}}\n", "  Fabrikam\n"),
    ("a missing value is empty", "I ({{clientIP}}) be", "I () be"),
    ("a code keeps its zeros", "{{code}}", "042917"),
    ("a section of a value", "{{#tenant}}in {{tenant}}{{/tenant}}.", "in T."),
    ("a section of nothing", "{{#clientIP}}from {{clientIP}}{{/clientIP}}.", "."),
    ("an inverted section of a value", "{{^tenant}}none{{/tenant}}.", "."),
    ("an inverted section of nothing", "{{^clientIP}}none{{/clientIP}}.", "none."),
    ("sections in each other", "|{{#tenant}}a{{^clientIP}}b{{/clientIP}}c{{/tenant}}|", "|abc|"),
    ("text after a section that is left out", "{{#clientIP}}a{{/clientIP}}b{{^tenant}}c{{/tenant}}d", "bd"),
    ("a padded section", "|{{# tenant }}={{/ tenant }}|", "|=|"),
    (
      "stand-alone section lines", "| This Is\n{{#tenant}}\n|\n{{/tenant}}\n| A Line\n",
      "| This Is\n|\n| A Line\n"
    ),
    (
      "indented stand-alone lines", "| This Is\n  {{#tenant}}\n|\n\t{{/tenant}}\n| A Line\n",
      "| This Is\n|\n| A Line\n"
    ),
    ("a stand-alone tag at the start", "  {{#tenant}}\n#{{/tenant}}\n/", "#\n/"),
    ("a stand-alone tag at the end", "#{{#tenant}}\n/\n  {{/tenant}}", "#\n/\n"),
    (
      "two tags on a line are not stand-alone", " {{#tenant}}YES{{/tenant}}\n {{#tenant}}G{{/tenant}}\n",
      " YES\n G\n"
    ),
    ("an inline comment", "12345{{! Comment }}67890", "1234567890"),
    ("a comment of several lines", "12345{{!\n  of several\n}}67890\n", "1234567890\n"),
    ("a stand-alone comment", "Begin.\n  {{! Comment }}\nEnd.\n", "Begin.\nEnd.\n"),
    ("a stand-alone comment of several lines", "Begin.\n{{!\nmore\n}}\nEnd.\n", "Begin.\nEnd.\n"),
    ("a comment that is not alone", "  12 {{! 34 }}\n", "  12 \n"),
    ("a comment with a tag in it", "a{{! {{app }}b", "ab"),
    ("an inline partial", "|\t{{> one}} |", "|\tpartial |"),
    ("a stand-alone partial", "\\\n {{>two}}\n/\n", "\\\n |\n T\n |\n/\n"),
    ("a partial at the end", ">\n  {{>lines}}", ">\n  >\n  >"),
    ("a partial at the start", "  {{>lines}}\n>", "  >\n  >>"),
    ("an indented partial leaves empty lines alone", "  {{>gap}}\n", "  a\n\n  b\n"),
    ("an indented partial with a section", " {{>section}}\n", " x\n y\n"),
    // Sections.
    ("a section that stands twice", "{{#tenant}}1{{/tenant}}2{{#tenant}}3{{/tenant}}", "123"),
    (
      "an empty section within one that is shown", "|{{#tenant}}A{{#clientIP}}B{{/clientIP}}C{{/tenant}}|",
      "|AC|"
    ),
    ("a section within an empty one", "|{{#clientIP}}A{{#tenant}}B{{/tenant}}C{{/clientIP}}|", "||"),
    ("a section within itself", "{{#tenant}}a{{#tenant}}b{{/tenant}}c{{/tenant}}", "abc"),
    ("blanks around an inline section", " | {{#tenant}}\t|\t{{/tenant}} | \n", " | \t|\t | \n"),
    (
      "blanks and a comment inside", " | {{#tenant}} {{! Important }}\n {{/tenant}} | \n", " |  \n  | \n"
    ),
    (
      "stand-alone lines of a section that is left out", "| A\n{{#clientIP}}\n| B\n{{/clientIP}}\n| C\n",
      "| A\n| C\n"
    ),
    ("empty stand-alone sections", "{{#tenant}}\n{{/tenant}}\n{{^tenant}}\n{{/tenant}}\nend", "end"),
    ("a stand-alone tag with blanks behind it", "a\n{{#tenant}} \t \nb\n{{/tenant}}\t\nc", "a\nb\nc"),
    // Inverted sections.
    (
      "an inverted section that stands twice", "{{^clientIP}}1{{/clientIP}}2{{^clientIP}}3{{/clientIP}}",
      "123"
    ),
    ("inverted sections in each other", "|{{^clientIP}}A{{^tenant}}B{{/tenant}}C{{/clientIP}}|", "|AC|"),
    ("a padded inverted section", "|{{^ clientIP }}={{/ clientIP }}|", "|=|"),
    (
      "blanks around an inline inverted section", " | {{^clientIP}}\t|\t{{/clientIP}} | \n", " | \t|\t | \n"
    ),
    (
      "stand-alone inverted lines", "| This Is\n{{^clientIP}}\n|\n{{/clientIP}}\n| A Line\n",
      "| This Is\n|\n| A Line\n"
    ),
    (
      "indented stand-alone inverted lines", "| This Is\n  {{^clientIP}}\n|\n  {{/clientIP}}\n| A Line\n",
      "| This Is\n|\n| A Line\n"
    ),
    ("an inverted section at the start", "  {{^clientIP}}\n^{{/clientIP}}\n/", "^\n/"),
    ("an inverted section at the end", "^{{^clientIP}}\n/\n  {{/clientIP}}", "^\n/\n"),
    // Comments.
    ("a comment at the start", "  {{! I'm Still Standalone }}\n!", "!"),
    ("a comment at the end", "!\n  {{! I'm Still Standalone }}", "!\n"),
    ("an indented comment of several lines", "Begin.\n  {{!\n    more\n  }}\nEnd.\n", "Begin.\nEnd.\n"),
    ("blanks around a comment", "12345 {{! Comment }} 67890", "12345  67890"),
    ("a comment that reads like a name", "[{{! app }}|{{!app}}]", "[|]"),
    ("two comments on a line are not stand-alone", "{{! a }} {{! b }}\nx", " \nx"),
    // Partials.
    ("a padded partial", "|{{> one }}|", "|partial|"),
    ("blanks around a partial", "| {{>one}} |", "| partial |"),
    ("an inline partial is not indented", "  {{tenant}}  {{> lines}}\n", "  T  >\n>\n"),
    ("a partial in a section", "{{#tenant}}{{> one}}{{/tenant}}{{^tenant}}{{> two}}{{/tenant}}", "partial"),
    ("a partial within a partial, each indented", " {{> outer}}\n.", " (\n  a\n\n  b\n )\n."),
    ("a partial that stands twice", "{{> one}}{{> one}}", "partialpartial"),
    ("a partial's stand-alone lines", "{{> section}}\n.", "x\ny\n."),
    ("a partial that is empty", "a\n  {{> empty}}\nb", "a\nb"),
    ("a single brace is text", "{ {app} }", "{ {app} }"),
    ("closing braces alone are text", "}} app }}\n", "}} app }}\n"),
  ]

  @Test(arguments: cases)
  func `renders as the specification rules`(name: String, template: String, expected: String) throws {
    let partials = [
      "one": "partial", "two": "|\n{{tenant}}\n|\n", "lines": ">\n>", "gap": "a\n\nb\n",
      "outer": "(\n {{> gap}}\n)\n", "empty": "",
      "section": "{{#tenant}}\nx\n{{/tenant}}\ny\n",
    ]
    #expect(try renderText(template, values(tenant: "T"), partials: partials) == expected, "\(name)")
  }

  @Test func `a value that spans markup is never read as a template`() throws {
    let text = try renderText("{{app}} {{tenant}}", values(app: "{{code}}", tenant: "{{> content}}"))
    #expect(text == "{{code}} {{> content}}")
  }
}
