'use strict';
/* The page of vipscope: asks /api, listens to /events. No library, nothing from elsewhere. */
(() => {
  const $ = id => document.getElementById(id);
  const PAGE = 100;
  let offset = 0, openFlow = null, lastFailovers = null, overviewBusy = false, overviewAgain = false;

  function el(tag, attributes, ...children) {
    const e = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined && value !== false) e.setAttribute(name, value);
    }
    for (const child of children) if (child !== null && child !== undefined) e.append(child);
    return e;
  }
  const chip = word => word ? el('span', { class: 'chip ' + word }, word) : el('span', { class: 'soft' }, '–');
  const grouped = n => n.toLocaleString('en-US');
  const many = (n, noun) => n + ' ' + noun + (n === 1 ? '' : 's');

  async function get(path) {
    const response = await fetch(path, { cache: 'no-store' });
    if (!response.ok) throw new Error(response.status + ' ' + path);
    return response.json();
  }

  /* Replaces only what differs, so that focus and open details stay. */
  function put(place, key, make) {
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    place.replaceChildren(...make());
  }

  // ---- overview -----------------------------------------------------------------------------
  async function overview() {
    if (overviewBusy) { overviewAgain = true; return; }
    overviewBusy = true;
    try {
      const o = await get('/api/overview');
      $('title').textContent = o.title + (o.start ? ', ' + o.start.slice(0, 19).replace('T', ' ') + ' to ' + o.end.slice(11, 19) + ' UTC' : '');
      const tiles = [['outbound flows', o.tiles.outbound], ['match', o.tiles.match], ['conditional', o.tiles.conditional],
        ['mismatch', o.tiles.mismatch, true], ['undecided', o.tiles.undecided], ['failovers', o.tiles.failovers], ['open findings', o.tiles.findings, true]];
      put($('tiles'), JSON.stringify(tiles), () => tiles.map(([name, value, bad]) =>
        el('div', { class: 'tile' + (bad && value > 0 ? ' bad' : '') }, el('b', {}, String(value)), el('span', {}, name))));
      put($('owners'), JSON.stringify(o.owners), () => o.owners.length === 0 ? [el('p', { class: 'soft' }, 'No VRRP, ARP or ND of a VIP was seen.')] :
        o.owners.map(w => el('div', { class: 'owner' + (w.known ? '' : ' nobody'), 'data-vip': w.vip, 'data-holder': w.holder },
          el('span', { class: 'mono' }, w.vip), el('b', {}, w.holder),
          el('span', { class: 'soft' }, [w.instance, w.segment, 'since ' + w.since.slice(11, 23), w.evidence, w.also ? 'also used by ' + w.also : null].filter(Boolean).join(' · ')))));
      picture('lanes', o.lanes, 'No VIP was seen yet.');
      picture('classes', o.classes, 'No outbound flow was seen yet.');
      picture('verdicts', o.verdicts, 'No outbound flow was seen yet.');
      put($('findings'), JSON.stringify(o.findings), () => o.findings.length === 0 ? [el('p', { class: 'soft' }, 'None.')] : o.findings.map(finding));
      put($('failovers'), JSON.stringify(o.failovers), () => [failovers(o.failovers)]);
      for (const hosts of [$('f-host'), $('c-host')]) {
        put(hosts, JSON.stringify(o.hosts), () => {
          const kept = hosts.value;
          return [el('option', { value: '' }, 'all'), ...o.hosts.map(h => el('option', { selected: h === kept ? '' : null }, h))];
        });
      }
      if (lastFailovers !== null && o.tiles.failovers > lastFailovers && o.failovers.length) {
        const f = o.failovers[0];
        $('news').textContent = 'Failover of ' + f.instance + ' from ' + f.from + ' to ' + f.to + ' at ' + f.time;
      }
      lastFailovers = o.tiles.failovers;
      state(o.running);
    } catch (e) {
      lost();
    } finally {
      overviewBusy = false;
      if (overviewAgain) { overviewAgain = false; overview(); }
    }
  }

  function picture(id, svg, otherwise) {
    const place = $(id);
    if (place.dataset.key === svg) return;
    place.dataset.key = svg;
    if (svg && svg.includes('<svg')) place.innerHTML = svg; // made by the server, its texts escaped
    else place.replaceChildren(el('p', { class: 'soft' }, otherwise));
  }

  function finding(f) {
    return el('div', { class: 'finding' },
      el('p', {}, chip(f.severity), ' ', el('b', {}, f.kind), ' ', f.open ? chip('open') : chip('resolved'), ' ',
        el('span', { class: 'soft' }, f.start + ', ' + many(f.count, 'piece') + ' of evidence')),
      el('p', {}, f.text), f.next.length ? el('pre', {}, f.next.join('\n')) : null);
  }

  function failovers(all) {
    if (!all.length) return el('p', { class: 'soft' }, 'None.');
    const head = ['', 'time', 'instance', 'from', 'to', 'trigger', 'gap', 'flows', 'source changes'];
    return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Failovers, scrollable' },
      el('table', {}, el('thead', {}, el('tr', {}, ...head.map((h, i) => el('th', { scope: 'col', class: i > 6 ? 'n' : null }, h || el('span', { class: 'visually-hidden' }, 'number'))))),
        el('tbody', {}, ...all.map(f => el('tr', {}, ...[String(f.number), f.time, f.instance, f.from, f.to, f.trigger, f.gap, String(f.flows), String(f.source_changes)]
          .map((c, i) => el('td', { class: i > 6 ? 'n' : null }, c)))))));
  }

  // ---- flows --------------------------------------------------------------------------------
  async function flows() {
    const query = new URLSearchParams({ q: $('q').value, verdict: $('f-verdict').value, class: $('f-class').value, host: $('f-host').value, limit: PAGE, offset });
    try {
      const r = await get('/api/flows?' + query);
      $('found').textContent = many(r.found, 'flow') + ' of ' + r.kept + ' kept' + (r.seen > r.kept ? '; ' + r.seen + ' seen, the older ones are in the records' : '');
      put($('rows'), JSON.stringify(r.rows), () => r.rows.map(f => el('tr', {},
        el('td', {}, el('a', { href: '#flow/' + f.key, class: 'mono' }, f.time)),
        el('td', {}, f.host || '–'), el('td', { class: 'mono' }, f.src), el('td', { class: 'mono' }, f.dst), el('td', {}, f.service),
        el('td', {}, f.class || f.direction), el('td', {}, chip(f.verdict), f.accepted ? el('span', { class: 'soft' }, 'accepted') : null), el('td', { class: 'wide' }, f.why))));
      $('newer').disabled = offset === 0;
      $('older').disabled = offset + PAGE >= r.found;
      $('page').textContent = r.found ? (offset + 1) + ' to ' + Math.min(offset + PAGE, r.found) : '';
    } catch (e) { lost(); }
  }

  // ---- one flow -----------------------------------------------------------------------------
  async function flow(id) {
    const place = $('flow');
    let r;
    try { r = await get('/api/flow?id=' + encodeURIComponent(id)); } catch (e) {
      $('h-flow').textContent = 'Flow ' + id;
      place.replaceChildren(el('p', {}, 'This flow is not kept any more; the records (-o FILE) have it.'));
      return;
    }
    const f = r.record, v = f.vipscope;
    const end = (address, port) => port ? (address.includes(':') ? '[' + address + ']' : address) + ':' + port : address;
    $('h-flow').textContent = end(f.src_ip, f.src_port) + ' → ' + end(f.dest_ip, f.dest_port) + ' ' + f.proto.toLowerCase();
    document.title = 'Flow ' + f.flow_id + ', vipscope';
    const facts = [['host', v.host], ['direction', v.direction], ['opened by', v.opener], ['began', f.flow.start.replace('T', ' ').slice(0, 29)], ['ended', r.ended ? f.flow.end.replace('T', ' ').slice(0, 29) + ' (' + f.flow.reason + ')' : 'its record is not written yet'],
      [r.ended ? 'packets' : 'packets when it was judged', f.flow.pkts_toserver + ' to the destination, ' + f.flow.pkts_toclient + ' back'], [r.ended ? 'bytes' : 'bytes when it was judged', f.flow.bytes_toserver + ' to the destination, ' + f.flow.bytes_toclient + ' back'],
      ['VIP', v.vip ? v.vip + (v.owner ? ', held by ' + v.owner : '') + (v.epoch ? ' (epoch ' + v.epoch + ')' : '') : null], ['state of', v.state_time],
      ['next hop', v.path && v.path.dev ? (v.path.gateway || 'on-link') + ' at ' + v.path.dev + ': ' + v.path.verdict : null], ['VLAN', f.vlan ? f.vlan.join(', ') : null], ['community id', f.community_id]];
    place.replaceChildren(...[
      el('div', { class: 'card' }, el('p', {}, chip(v.verdict), ' ', v.severity && v.verdict === 'mismatch' ? chip(v.severity) : null, ' ', v.reason),
        v.predicted ? el('div', { class: 'compare' },
          el('div', {}, el('span', { class: 'soft' }, 'expected'), el('b', { class: 'mono' }, v.predicted.join(' or ') || 'no answer'), el('span', { class: 'soft' }, [v.predicted_class, v.mechanism, v.rule].filter(Boolean).join(' · '))),
          el('div', {}, el('span', { class: 'soft' }, 'on the wire'), el('b', { class: 'mono' }, f.src_ip), el('span', { class: 'soft' }, [v.source_class, v.source_dev, ...(v.source_flags || [])].filter(Boolean).join(' · ')))) : null),
      r.steps.length ? el('div', { class: 'card' }, el('h2', {}, 'How the expected source comes about'), el('ol', { class: 'steps' }, ...r.steps.map(s => el('li', {}, s)))) : null,
      list('What would explain the one that was used', r.causes.length ? r.causes : v.causes),
      list('Conditions', v.conditions),
      r.changes.length ? el('div', { class: 'card' }, el('h2', {}, 'To make the host use another source, one of'), el('pre', {}, r.changes.map(c => c.change + '   # then ' + c.src).join('\n')), ...r.mind.map(m => el('p', {}, 'Mind: ' + m))) : null,
      el('div', { class: 'card' }, el('h2', {}, 'The flow'), el('dl', { class: 'facts' }, ...facts.filter(x => x[1]).flatMap(([k, t]) => [el('dt', {}, k), el('dd', {}, String(t))]))),
      el('details', { class: 'card' }, el('summary', {}, 'Record (JSON)'), el('pre', {}, JSON.stringify(f, null, 1)))].filter(Boolean));
  }

  function list(title, texts) {
    return texts && texts.length ? el('div', { class: 'card' }, el('h2', {}, title), el('ul', {}, ...texts.map(t => el('li', {}, t)))) : null;
  }

  // ---- rule coverage ------------------------------------------------------------------------
  const USES = { used: ['used', 'match'], never: ['never hit', 'warning'], unseen: ['not observable', 'notice'] };
  async function coverage() {
    const query = new URLSearchParams({ q: $('c-q').value, host: $('c-host').value, use: $('c-use').value, kernel: $('c-kernel').checked ? 1 : 0 });
    try {
      const r = await get('/api/coverage?' + query);
      put($('uses'), JSON.stringify(r.uses), () => Object.entries(USES).map(([use, [word]]) =>
        el('div', { class: 'tile' }, el('b', {}, grouped(r.uses[use])), el('span', {}, word))));
      $('c-found').textContent = r.known === 0 ? 'No rule, route with src or source NAT rule is known.' :
        grouped(r.found) + ' of ' + grouped(r.known) + (r.rows.length < r.found ? ', the first ' + r.rows.length + ' shown' : '') +
        (r.since ? '; observed since ' + r.since.slice(0, 19).replace('T', ' ') + ' UTC' : '');
      put($('c-rows'), JSON.stringify(r.rows), () => r.rows.map(c => el('tr', {},
        el('td', {}, c.host), el('td', {}, c.kind),
        el('td', { class: 'says' }, el('span', { class: 'mono' }, c.text), el('span', { class: 'soft' }, [c.id, c.own ? null : "the kernel's own", c.current ? null : 'no longer there'].filter(Boolean).join(' · '))),
        el('td', {}, el('span', { class: 'chip ' + (c.own || c.use === 'used' ? USES[c.use][1] : '') }, USES[c.use][0])),
        el('td', { class: 'n' }, grouped(c.flows)), el('td', { class: 'n' }, grouped(c.bytes)),
        el('td', { class: 'when' }, c.last ? c.last.slice(0, 19).replace('T', ' ') : '–'))));
    } catch (e) { lost(); }
  }

  // ---- health -------------------------------------------------------------------------------
  async function health() {
    try {
      const r = await get('/api/health');
      put($('latency'), JSON.stringify(r.latency), () => r.latency.length ? [latency(r.latency)] : []);
      put($('health'), JSON.stringify(r.groups), () => r.groups.map(g => el('div', { class: 'card' }, el('h2', {}, g.title),
        // Roles of their own: on a narrow page the rows are no table's to look at.
        el('table', { class: 'counters', role: 'table' }, el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...[['counter'], ['value', 'n'], ['meaning']].map(([h, c]) => el('th', { scope: 'col', role: 'columnheader', class: c }, h)))),
          el('tbody', { role: 'rowgroup' }, ...g.counters.map(c => el('tr', { role: 'row' }, el('td', { role: 'cell' }, c.name), el('td', { role: 'cell', class: 'n' + (c.bad ? ' bad-number' : '') }, c.value === null ? 'not known' : c.value), el('td', { role: 'cell', class: 'soft' }, c.meaning))))))));
    } catch (e) { lost(); }
  }

  function latency(rows) {
    const us = ns => ns < 100000 ? (ns / 1000).toFixed(1) : grouped(Math.round(ns / 1000));
    const head = ['time', 'p50', 'p99', 'p99.9', 'p99.99', 'max', 'meaning'];
    const number = i => i > 0 && i < 6 ? 'n' : null;
    return el('div', { class: 'card' }, el('h2', {}, 'How long a frame takes, µs'),
      el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Latency, scrollable' },
        el('table', { class: 'latency' }, el('thead', {}, el('tr', {}, ...head.map((h, i) => el('th', { scope: 'col', class: number(i) }, h)))),
          el('tbody', {}, ...rows.map(r => el('tr', {}, el('td', { class: 'when' }, r.name), ...r.ns.map(ns => el('td', { class: 'n' }, us(ns))), el('td', { class: 'soft wide' }, r.meaning)))))));
  }

  // ---- views, events ------------------------------------------------------------------------
  const views = ['overview', 'flows', 'flow', 'coverage', 'health'];
  function view() { return (location.hash.slice(1).split('/')[0]) || 'overview'; }
  function show(moveFocus) {
    let name = view();
    if (!views.includes(name)) name = 'overview';
    openFlow = name === 'flow' ? location.hash.split('/')[1] : null;
    for (const v of views) $('view-' + v).hidden = v !== name;
    for (const a of document.querySelectorAll('nav a')) {
      if (a.dataset.view === (name === 'flow' ? 'flows' : name)) a.setAttribute('aria-current', 'page'); else a.removeAttribute('aria-current');
    }
    if (name !== 'flow') document.title = { overview: 'Overview', flows: 'Flows', coverage: 'Rule coverage', health: 'Capture health' }[name] + ', vipscope';
    refresh().then(() => { if (moveFocus) { const h = $('h-' + name); h.tabIndex = -1; h.focus(); scrollTo(0, 0); } });
  }
  function refresh() {
    switch (view()) {
      case 'flows': return flows();
      case 'flow': return flow(openFlow);
      case 'coverage': return coverage();
      case 'health': return health();
      default: return overview();
    }
  }
  function state(running) {
    $('dot').className = 'dot ' + (running ? 'live' : '');
    $('state-text').textContent = running ? 'live' : 'ended';
  }
  function lost() { $('dot').className = 'dot lost'; $('state-text').textContent = 'no connection'; }

  /*
   * The first change at once, then four times a second at most. By the events' own clock as long as they
   * come: browsers let timers of a page in the background fire once a second.
   */
  let wait = null, lastRefresh = -1000;
  function changed() {
    const sinceMs = performance.now() - lastRefresh;
    if (sinceMs >= 250) renew();
    else if (!wait) wait = setTimeout(renew, 250 - sinceMs);
  }
  function renew() {
    clearTimeout(wait);
    wait = null;
    lastRefresh = performance.now();
    if (view() !== 'flow') refresh();
    if (view() !== 'overview') overview();
  }
  const events = new EventSource('/events');
  events.addEventListener('change', e => { state(JSON.parse(e.data).running); changed(); });
  events.onerror = lost;
  setInterval(() => { if (view() === 'health') health(); if (view() === 'coverage') coverage(); }, 1000);

  let typing = null;
  const filter = () => { offset = 0; clearTimeout(typing); typing = setTimeout(flows, 120); };
  for (const id of ['q', 'f-verdict', 'f-class', 'f-host']) $(id).addEventListener('input', filter);
  let typingRule = null;
  const ruleFilter = () => { clearTimeout(typingRule); typingRule = setTimeout(coverage, 120); };
  for (const id of ['c-q', 'c-host', 'c-use', 'c-kernel']) $(id).addEventListener('input', ruleFilter);
  $('c-filter').addEventListener('submit', e => { e.preventDefault(); coverage(); });
  $('filter').addEventListener('submit', e => { e.preventDefault(); flows(); });
  $('clear').addEventListener('click', () => { $('filter').reset(); filter(); $('q').focus(); });
  $('newer').addEventListener('click', () => { offset = Math.max(0, offset - PAGE); flows(); });
  $('older').addEventListener('click', () => { offset += PAGE; flows(); });
  document.addEventListener('keydown', e => { if (e.key === '/' && !/INPUT|SELECT|TEXTAREA/.test(e.target.tagName)) { e.preventDefault(); location.hash = '#flows'; setTimeout(() => $('q').focus(), 60); } });
  addEventListener('hashchange', () => show(true));
  show(false);
  overview();
})();
