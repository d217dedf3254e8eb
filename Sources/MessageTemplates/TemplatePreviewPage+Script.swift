/// What the page does by itself. It asks nobody anything and keeps nothing but its own state in the browser's history, so
/// that a page that is loaded again looks as it did.
extension TemplatePreviewPage {
  static let script = """
    const data = JSON.parse(document.getElementById("data").textContent);
    const all = selector => Array.from(document.querySelectorAll(selector));
    const chosen = name => document.querySelector(`[name=${name}]:checked`).value;
    const text = list => list.split(" ").map(number => data.lines[number]).join("\\n");
    const seen = { dark: ["all", "not all"], light: ["not all", "all"] };
    const coloured = (source, theme) => source
      .replace(/\\(\\s*prefers-color-scheme\\s*:\\s*dark\\s*\\)/g, seen[theme][0])
      .replace(/\\(\\s*prefers-color-scheme\\s*:\\s*light\\s*\\)/g, seen[theme][1]);
    const cards = data.cards.map(card => ({ ...card, element: document.getElementById(card.id) }));
    const rows = new Map(all(".inbox li").map(row => [JSON.stringify(row.dataset), row]));
    document.documentElement.classList.add("scripted");

    // A light and a dark screen for each mail. A frame is given its mail when it comes near to being looked at: hundreds of
    // documents would hold up the first.
    const near = new Set();
    let target = null;
    const fill = frame => {
      const source = coloured(text(frame.card.html[chosen("sample")]), frame.theme);
      if (frame.srcdoc != source) frame.srcdoc = source;
    };
    const watcher = new IntersectionObserver(entries => {
      for (const { target: { firstElementChild: { firstElementChild: frame } }, isIntersecting } of entries) {
        if (isIntersecting) { near.add(frame); fill(frame); measure(frame); } else near.delete(frame);
      }
    }, { rootMargin: "1500px" });
    for (const card of cards) for (const theme of ["light", "dark"]) {
      const room = document.createElement("div"), screen = document.createElement("div"), frame = document.createElement("iframe");
      room.className = "room " + theme;
      screen.className = "screen";
      frame.sandbox = "allow-same-origin";
      frame.title = `${card.element.dataset.locale}, ${card.element.dataset.purpose}, ${theme}`;
      frame.style.colorScheme = theme;
      Object.assign(frame, { card, theme });
      frame.addEventListener("load", () => { measure(frame); settle(); });
      screen.append(frame);
      room.append(screen);
      card.element.querySelector(".plain").before(room);
      watcher.observe(room);
    }

    // Frames are as tall as their mail. Of the content: a scroll height is never less than the frame's own.
    function measure(frame) {
      const content = frame.contentDocument;
      if (content?.URL != "about:srcdoc" || content.readyState != "complete" || !frame.offsetParent) return;
      const height = Math.ceil(content.documentElement.getBoundingClientRect().height);
      frame.parentElement.style.setProperty("--height", height);
      // A guess for those that nobody has looked at.
      document.querySelector("main").style.setProperty("--height", height);
    }

    const put = (element, words) => { if (element.textContent != words) element.textContent = words; };
    const show = sample => {
      for (const card of cards) {
        put(card.element.querySelector("small"), card.forms[sample]);
        put(card.element.querySelector(".subject"), card.subjects[sample]);
        put(card.element.querySelector(".preheader"), card.preheaders[sample]);
        put(card.element.querySelector("pre"), text(card.text[sample]));
        const line = rows.get(JSON.stringify(card.element.dataset)).querySelector(".line");
        put(line.querySelector("b"), data.apps[sample]);
        put(line.querySelector("strong"), card.subjects[sample]);
        put(line.querySelector(".rest"), card.preheaders[sample]);
      }
      for (const frame of near) { fill(frame); measure(frame); }
    };

    // Which mails are there.
    const form = document.querySelector(".filters"), reset = form.querySelector("[type=reset]");
    const filter = () => {
      const locales = all("[name=locale]:checked").map(box => box.value);
      const purpose = form.purpose.value, tenant = form.tenant?.value ?? "";
      const fits = mail => (!locales.length || locales.includes(mail.locale)) && (!purpose || purpose == mail.purpose)
        && (!tenant || (tenant == "-" ? "" : tenant.slice(1)) == mail.tenant);
      for (const mail of all("[data-locale]")) mail.hidden = !fits(mail.dataset);
      for (const group of all(".strip, .tenant, .purpose, .jump p"))
        group.hidden = !group.querySelector(".jump a[href='#']") && !group.querySelector("[data-locale]:not([hidden])");
      const articles = all("article"), count = articles.filter(article => !article.hidden).length;
      const isAll = count == articles.length;
      put(document.getElementById("count"), isAll ? "" : `${count} of ${articles.length} mails`);
      reset.hidden = isAll && !locales.length && !purpose && !tenant;
      document.querySelector(".none").hidden = count > 0;
    };

    // What was chosen and what was looked at outlive a reload.
    const controls = all("input, select");
    const save = () => {
      const place = all("article, .inbox li").find(mail => !mail.hidden && mail.getBoundingClientRect().bottom > 140);
      const mail = scrollY > 0 && place ? { mail: { ...place.dataset }, isCard: place.matches("article"), top: place.getBoundingClientRect().top } : null;
      const values = controls.map(control => control.name + "=" + control.value + (control.checked ? "*" : ""));
      history.replaceState({ values: values.filter((value, index) => controls[index].type == "select-one" || value.endsWith("*")), mail }, "");
    };
    function settle() {
      if (!target) return;
      const mail = all(target.isCard ? "article" : ".inbox li").find(mail => JSON.stringify({ ...mail.dataset }) == JSON.stringify(target.mail));
      if (mail && !mail.hidden) scrollBy(0, mail.getBoundingClientRect().top - target.top);
    }
    const restore = state => {
      if (!state?.values) return;
      for (const control of controls) {
        if (control.type != "select-one") control.checked = state.values.includes(control.name + "=" + control.value + "*");
        else {
          const value = state.values.find(value => value.startsWith(control.name + "="))?.slice(control.name.length + 1);
          if (Array.from(control.options, option => option.value).includes(value)) control.value = value;
        }
      }
      for (const name of ["sample", "view", "theme"])
        if (!document.querySelector(`[name=${name}]:checked`)) document.querySelector(`[name=${name}]`).checked = true;
      if (state.mail) {
        history.scrollRestoration = "manual";
        target = state.mail;
        for (const event of ["wheel", "touchmove", "keydown", "pointerdown", "hashchange"])
          addEventListener(event, () => target = null, { once: true, passive: true });
      }
    };
    const apply = () => { filter(); show(chosen("sample")); };
    addEventListener("change", () => { apply(); save(); });
    form.addEventListener("reset", () => setTimeout(() => { apply(); save(); }));
    addEventListener("pagehide", save);
    addEventListener("hashchange", () => document.querySelector(".jump").open = false);

    // The menu closes where its work is done.
    const jump = document.querySelector(".jump");
    jump.addEventListener("click", event => { if (event.target.matches("a")) jump.open = false; });
    addEventListener("click", event => { if (!jump.contains(event.target)) jump.open = false; });
    addEventListener("keydown", event => {
      if (event.key == "Escape" && jump.open) { jump.open = false; jump.querySelector("summary").focus(); }
    });
    restore(history.state);
    apply();
    settle();

    """

  /// Asks again once the answer is there. A browser that has the page in the background asks less often by itself.
  static let watchScript = """
    const note = document.getElementById("watch");
    window.previewVersion = version => {
      note.classList.toggle("over", !version);
      put(note, version ? "Follows edits." : "Nobody follows edits any more: the command has ended.");
      if (version && version != document.body.dataset.version) { save(); location.reload(); }
    };
    const ask = () => {
      const question = document.createElement("script");
      const over = pause => () => { question.remove(); setTimeout(ask, pause); };
      question.onload = over(500);
      question.onerror = () => { previewVersion(""); over(2000)(); };
      question.src = "\(TemplatePreview.versionName)?" + Date.now();
      document.head.append(question);
    };
    setTimeout(ask, 500);

    """
}
