extension TemplatePreviewPage {
  /// Frames have the width of a phone or a desktop and are scaled to their column, so that line breaks are those
  /// that readers see and all locales stand side by side. The scale is the column's width by the frame's: the angle
  /// whose tangent that is, since lengths cannot be divided in every browser.
  static let style = """
    :root { color-scheme: light dark; --page: #eef0f5; --card: #fff; --ink: #1a1e29; --soft: #565d6d; --edge: #d8dce6;
      --hover: #f4f6fb; --accent: #2547b5; --on-accent: #fff; --bad: #8a1414; --bad-back: #fdecec; --good: #14603a;
      --own: hsl(var(--hue) 62% 42%); --own-ink: hsl(var(--hue) 70% 24%); --own-back: hsl(var(--hue) 70% 95%) }
    @media (prefers-color-scheme: dark) { :root { --page: #101218; --card: #1b1e27; --ink: #eef1f7; --soft: #aab1c0;
      --edge: #333847; --hover: #252935; --accent: #a9bdff; --on-accent: #101218; --bad: #ffb4b4; --bad-back: #3a1a1d;
      --good: #7fd6a6; --own: hsl(var(--hue) 60% 58%); --own-ink: hsl(var(--hue) 75% 86%);
      --own-back: hsl(var(--hue) 32% 18%) } }
    .own-hue, .tenant { --own: hsl(var(--hue) 62% 42%); --own-ink: hsl(var(--hue) 70% 24%);
      --own-back: hsl(var(--hue) 70% 95%) }
    @media (prefers-color-scheme: dark) { .own-hue, .tenant { --own: hsl(var(--hue) 60% 58%);
      --own-ink: hsl(var(--hue) 75% 86%); --own-back: hsl(var(--hue) 32% 18%) } }
    * { box-sizing: border-box }
    html { scroll-padding-top: 120px }
    body { margin: 0 auto; padding: 24px; max-width: 2200px; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, sans-serif }
    body > input { position: fixed; opacity: 0; pointer-events: none }
    h1 { margin: 0; font-size: 26px; letter-spacing: -.01em } h2 { margin: 40px 0 12px; font-size: 20px }
    h3 { margin: 0 0 12px; font-size: 15px; font-weight: 500; color: var(--own-ink) }
    h4 { margin: 0 0 8px; font-size: 15px } code { font: 12px/1.5 ui-monospace, monospace; color: var(--soft) }
    .fine { margin: 2px 0 0; color: var(--good) } .wrong { margin: 2px 0 8px; color: var(--bad); font-weight: 600 }
    nav { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 8px 24px; margin: 16px -24px;
      padding: 10px 24px; background: var(--page); border-bottom: 1px solid var(--edge) }
    .switch { display: flex; flex-wrap: wrap; align-items: center; gap: 4px }
    .switch span { margin-right: 6px; font-size: 13px; color: var(--soft) }
    label { padding: 3px 11px; border-radius: 99px; background: var(--card); font-size: 13px; cursor: pointer }
    .inbox { list-style: none; margin: 0; padding: 0; background: var(--card); border: 1px solid var(--edge);
      border-radius: 14px; overflow: hidden }
    .inbox li + li { border-top: 1px solid var(--edge) }
    .inbox a { display: flex; align-items: center; gap: 14px; padding: 9px 16px; color: inherit; text-decoration: none }
    .inbox a:hover, .inbox a:focus-visible { background: var(--hover) }
    .inbox i { flex: none; width: 8px; height: 8px; border-radius: 50%; background: var(--accent) }
    .inbox .own-hue i { background: var(--own) }
    .line { display: none; flex: 1; min-width: 0; gap: 14px }
    .line > b { flex: none; width: 130px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
    .line > span { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--soft) }
    .line strong { color: var(--ink); font-weight: 600 }
    .inbox em { flex: none; margin-left: auto; font-style: normal; font-size: 12px; color: var(--soft) }
    .inbox .own-hue em { color: var(--own-ink) } .broken { color: var(--bad) }
    .strip { display: grid; gap: 12px; align-items: start;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--column, 192px)), 1fr)) }
    #desktop:checked ~ main { --column: 380px } #text:checked ~ main { --column: 290px }
    .tenant { margin-top: 16px; padding: 14px; border-radius: 16px; background: var(--own-back) }
    .chip { padding: 3px 12px; border-radius: 99px; background: var(--own-ink); color: var(--own-back); font-weight: 600 }
    article { min-width: 0; padding: 14px; background: var(--card); border: 1px solid var(--edge); border-radius: 14px;
      overflow-wrap: anywhere }
    article.own-hue { border-top: 4px solid var(--own) }
    article:target { outline: 3px solid var(--accent) }
    .own { margin: -4px 0 8px; font: 11px/1.5 ui-monospace, monospace; color: var(--own-ink) }
    .sample { display: none }
    .subject { margin: 0; font-weight: 600; font-size: 13px } .preheader { margin: 0 0 10px; font-size: 13px; color: var(--soft) }
    .screens { display: grid; gap: 10px; container-type: inline-size }
    .screen { --width: 320; --height: 760; --scale: min(1, tan(atan2(100cqi, calc(var(--width) * 1px))));
      width: calc(var(--width) * 1px * var(--scale)); height: calc(var(--height) * 1px * var(--scale));
      border-radius: 10px; overflow: hidden; box-shadow: 0 0 0 1px var(--edge) }
    #desktop:checked ~ main .screen { --width: 640; --height: 640 }
    iframe { display: block; width: calc(var(--width) * 1px); height: calc(var(--height) * 1px); border: 0;
      background: #fff; transform: scale(var(--scale)); transform-origin: 0 0 }
    #light:checked ~ main .screen.dark, #dark:checked ~ main .screen.light, #text:checked ~ main .screens { display: none }
    .plain { display: none } #text:checked ~ main .plain { display: block }
    pre { margin: 0; padding: 12px; border-radius: 10px; background: var(--hover); white-space: pre-wrap;
      font: 12px/1.55 ui-monospace, monospace }
    .findings { margin: 6px 0 10px; padding: 10px 10px 10px 26px; border-radius: 10px; background: var(--bad-back);
      color: var(--bad); font-size: 13px; overflow-wrap: anywhere } .findings code { color: inherit; font-weight: 600 }
    .refused::marker { content: "✕ " }
    @media (max-width: 640px) {
      body { padding: 16px } nav { position: static; margin: 12px -16px; padding: 8px 16px } html { scroll-padding-top: 8px }
      .inbox a { flex-wrap: wrap; gap: 2px 10px } .line { flex-wrap: wrap; gap: 0; flex-basis: calc(100% - 24px) }
      .line > b, .line > span { width: 100%; white-space: normal } .inbox em { margin-left: 18px }
      .strip { grid-template-columns: minmax(0, 1fr) }
    }
    """
}
