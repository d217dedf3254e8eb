extension TemplatePreviewPage {
  /// Frames have the width of a phone or a desktop, so that line breaks are those that readers see, and are scaled to their
  /// column where that is narrower: three phones stand side by side on 1280 pixels at their own size. The scale is the
  /// column's width by the frame's: the angle whose tangent that is, since lengths cannot be divided in every browser.
  static let style = """
    :root { color-scheme: light dark; --page: #eef0f5; --card: #fff; --ink: #1a1e29; --soft: #565d6d; --edge: #d8dce6;
      --hover: #f4f6fb; --accent: #2547b5; --on-accent: #fff; --bad: #8a1414; --bad-back: #fdecec; --bad-edge: #d63a3a;
      --bad-mark: #f8c1c1; --good: #14603a }
    @media (prefers-color-scheme: dark) { :root { --page: #101218; --card: #1b1e27; --ink: #eef1f7; --soft: #aab1c0;
      --edge: #333847; --hover: #252935; --accent: #a9bdff; --on-accent: #101218; --bad: #ffb4b4; --bad-back: #3a1a1d;
      --bad-edge: #e05555; --bad-mark: #6d2529; --good: #7fd6a6 } }
    .own-hue, .tenant { --own: hsl(var(--hue) 62% 42%); --own-ink: hsl(var(--hue) 70% 24%);
      --own-back: hsl(var(--hue) 70% 95%) }
    @media (prefers-color-scheme: dark) { .own-hue, .tenant { --own: hsl(var(--hue) 60% 58%);
      --own-ink: hsl(var(--hue) 75% 86%); --own-back: hsl(var(--hue) 32% 18%) } }
    * { box-sizing: border-box }
    [hidden] { display: none !important }
    html { scroll-padding-top: 110px }
    body { margin: 0 auto; padding: 24px; max-width: 2200px; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, sans-serif }
    h1 { margin: 0; font-size: 26px; letter-spacing: -.01em } h2 { margin: 40px 0 12px; font-size: 20px }
    h3 { margin: 0 0 12px; font-size: 15px; font-weight: 500; color: var(--own-ink) }
    h4 { margin: 0 0 8px; font-size: 15px } h4 small { float: right; font-size: 12px; font-weight: 400; color: var(--soft) }
    code { font: 12px/1.5 ui-monospace, monospace; color: var(--soft) } a { color: var(--accent) }
    .fine { margin: 2px 0 0; color: var(--good) } .wrong { margin: 2px 0 8px; color: var(--bad); font-weight: 600 }
    .watch { float: right; margin: 6px 0 0; font-size: 13px; color: var(--good) } .watch.over { color: var(--bad) }
    html:not(.scripted) :is(.filters, nav) { display: none }
    .filters { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 24px; margin: 16px 0 0; font-size: 13px }
    nav { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: 8px 18px;
      margin: 8px -24px 16px; padding: 10px 24px; background: var(--page); border-bottom: 1px solid var(--edge); font-size: 13px }
    .switch { display: flex; flex-wrap: wrap; align-items: center; gap: 4px; min-width: 0; margin: 0; padding: 0; border: 0 }
    .switch legend { float: left; margin-right: 6px; padding: 0; color: var(--soft) }
    .switch label, summary, button { position: relative; padding: 3px 9px; border: 0; border-radius: 99px;
      background: var(--card); color: var(--ink); font: inherit; cursor: pointer; list-style: none }
    .switch input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer }
    .switch label:has(:checked) { background: var(--accent); color: var(--on-accent) }
    .switch label:has(:focus-visible), summary:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px }
    .select { color: var(--soft) } select { max-width: 220px; padding: 3px 6px; border: 1px solid var(--edge); border-radius: 8px;
      background: var(--card); color: var(--ink); font: inherit }
    #count { color: var(--soft) } .none { margin: 12px 0; color: var(--soft) }
    .jump { position: relative; margin-left: auto } .jump > div { position: absolute; right: 0; z-index: 2; width: max-content;
      max-width: min(420px, calc(100vw - 32px)); max-height: 70vh; margin-top: 6px; padding: 6px 16px; overflow: auto;
      border: 1px solid var(--edge); border-radius: 14px; background: var(--card); box-shadow: 0 8px 30px #0003 }
    .jump p { display: flex; flex-wrap: wrap; gap: 4px 10px; margin: 10px 0 } .jump b { flex-basis: 100%; font-weight: 500; color: var(--soft) }
    .jump a { padding: 2px 4px } .jump .found { color: var(--bad); font-weight: 600 }
    summary::-webkit-details-marker { display: none } summary::after { content: " ▾" }
    .inbox { list-style: none; margin: 0; padding: 0; background: var(--card); border: 1px solid var(--edge);
      border-radius: 14px; overflow: hidden }
    .inbox li + li { border-top: 1px solid var(--edge) }
    .inbox a { display: flex; align-items: center; gap: 14px; padding: 9px 16px; color: inherit; text-decoration: none }
    .inbox a:hover, .inbox a:focus-visible { background: var(--hover) }
    .inbox i { flex: none; width: 8px; height: 8px; border-radius: 50%; background: var(--accent) }
    .inbox .own-hue i { background: var(--own) }
    .line { display: flex; flex: 1; min-width: 0; gap: 14px }
    .line > b { flex: none; width: 130px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
    .line > span { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--soft) }
    .line strong { color: var(--ink); font-weight: 600 }
    .inbox em { flex: none; margin-left: auto; font-style: normal; font-size: 12px; color: var(--soft) }
    .inbox em mark { margin-right: 8px; padding: 1px 9px; border-radius: 99px; background: var(--bad-back); color: var(--bad) }
    .inbox .own-hue em { color: var(--own-ink) }
    .inbox :is(.broken, .refused) a { background: var(--bad-back); box-shadow: inset 4px 0 var(--bad-edge); color: var(--bad) }
    .inbox :is(.broken, .refused) :is(.line > span, strong, em) { color: var(--bad) } .inbox :is(.broken, .refused) i { background: var(--bad-edge) }
    .inbox :is(.broken, .refused) em mark { background: none }
    .strip { display: grid; gap: 0 12px; grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--column, 348px)), 1fr)) }
    body:has([value=desktop]:checked) { --column: 520px }
    .tenant { margin-top: 16px; padding: 14px 14px 2px; border-radius: 16px; background: var(--own-back) }
    .chip { padding: 3px 12px; border-radius: 99px; background: var(--own-ink); color: var(--own-back); font-weight: 600 }
    article { display: grid; grid-row: span 5; grid-template-rows: subgrid; min-width: 0; margin-bottom: 12px; padding: 14px;
      background: var(--card); border: 1px solid var(--edge); border-radius: 14px; overflow-wrap: anywhere }
    article > * { min-width: 0 }
    article.own-hue { border-top: 4px solid var(--own) }
    article:is(.broken, .refused) { border-color: var(--bad-edge); box-shadow: inset 4px 0 var(--bad-edge) }
    article.broken { grid-template-rows: repeat(3, auto) 1fr; align-self: start }
    article:target, li:target { outline: 3px solid var(--accent); outline-offset: 1px }
    .own { margin: -4px 0 8px; font: 11px/1.5 ui-monospace, monospace; color: var(--own-ink) }
    .subject { margin: 0; font-weight: 600; font-size: 13px } .preheader { margin: 0 0 10px; font-size: 13px; color: var(--soft) }
    .room { container-type: inline-size }
    .screen { --width: 320; margin: 0 auto; --scale: min(1, tan(atan2(100cqi, calc(var(--width) * 1px))));
      width: calc(var(--width) * 1px * var(--scale)); height: calc(var(--height, 600) * 1px * var(--scale));
      border-radius: 10px; overflow: hidden; box-shadow: 0 0 0 1px var(--edge) }
    .room.dark { margin-top: 10px }
    body:has([value=desktop]:checked) .screen { --width: 640 }
    iframe { display: block; width: calc(var(--width) * 1px); height: calc(var(--height, 600) * 1px); border: 0;
      background: #fff; transform: scale(var(--scale)); transform-origin: 0 0 }
    body:has([value=light]:checked) .room.dark, body:has([value=dark]:checked) .room.light, body:has([value=text]:checked) .room { display: none }
    body:has([value=dark]:checked) .room.dark { margin-top: 0 }
    .scripted body:not(:has([value=text]:checked)) .plain { display: none }
    pre { margin: 0; padding: 12px; border-radius: 10px; background: var(--hover); white-space: pre-wrap;
      font: 12px/1.55 ui-monospace, monospace }
    .findings { margin: 6px 0 10px; padding: 10px 10px 10px 26px; border-radius: 10px; background: var(--bad-back);
      color: var(--bad); font-size: 13px; overflow-wrap: anywhere } .findings code { color: inherit; font-weight: 600 }
    .findings.all { max-height: 40vh; overflow: auto } .findings a { color: inherit }
    .findings .refused::marker { content: "✕ " } .findings li + li { margin-top: 6px }
    .source { display: block; margin-top: 4px; padding: 4px 8px; border-radius: 6px; background: var(--card); color: var(--ink);
      white-space: pre-wrap; font: 12px/1.55 ui-monospace, monospace }
    .source i { font-style: normal; color: var(--soft) } .source mark { background: var(--bad-mark); color: inherit; border-bottom: 2px solid var(--bad-edge) }
    @media (max-width: 640px) {
      body { padding: 16px } html { scroll-padding-top: 52px } nav { display: contents }
      nav > .switch { margin-top: 8px; font-size: 13px } .switch label, .jump summary, button { padding: 6px 12px }
      .jump { position: sticky; top: 8px; z-index: 2; width: max-content; margin: 12px 0 12px auto; font-size: 14px }
      .jump summary { border: 1px solid var(--edge); box-shadow: 0 2px 8px #0002 } .jump a { padding: 6px 8px }
      .inbox a { flex-wrap: wrap; gap: 2px 10px } .line { flex-wrap: wrap; gap: 0; flex-basis: calc(100% - 24px) }
      .line > b, .line > span { width: 100%; white-space: normal } .inbox em { margin-left: 18px }
      .strip { grid-template-columns: minmax(0, 1fr) } .tenant { margin-left: -8px; margin-right: -8px; padding: 8px 8px 1px }
    }
    """
}
