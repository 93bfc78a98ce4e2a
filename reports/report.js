/* Sorts and filters the table of attributes; the report is complete without it.
   Its digest stands in the report's Content-Security-Policy.  No less-than sign and no
   ampersand may stand in here: the report is well-formed XML too. */
(function () {
  'use strict';
  var d = document;
  d.documentElement.classList.remove('nojs');

  /* ---- sort: a group is a tbody, an attribute and its line of facts ---- */
  function key(group, column) {
    var cell = group.rows[0].cells[column], value = cell.getAttribute('data-v');
    return value === null ? cell.textContent.trim().toLowerCase() : parseFloat(value);
  }
  function order(a, b) {
    return b > a ? -1 : a > b ? 1 : 0;
  }
  function sort(table, th) {
    var was = th.getAttribute('aria-sort'), column = th.cellIndex;
    var numeric = th.classList.contains('r');
    var up = was === null ? !numeric : was === 'descending';
    table.querySelectorAll('th[aria-sort]').forEach(function (x) {
      x.removeAttribute('aria-sort');
    });
    th.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    var list = Array.prototype.map.call(table.tBodies, function (group, n) {
      return { key: key(group, column), place: n, group: group };
    });
    list.sort(function (a, b) {
      return order(a.key, b.key) * (up ? 1 : -1) || a.place - b.place;
    });
    var all = d.createDocumentFragment();
    list.forEach(function (x) { all.appendChild(x.group); });
    table.appendChild(all);
  }
  d.querySelectorAll('table[data-sort]').forEach(function (table) {
    table.querySelectorAll('thead th').forEach(function (th) {
      var button = d.createElement('button');
      button.type = 'button';
      button.textContent = th.textContent;
      th.textContent = '';
      th.appendChild(button);
      button.addEventListener('click', function () { sort(table, th); });
    });
  });

  /* ---- filter ---- */
  var text = d.getElementById('q'), state = d.getElementById('fs'), role = d.getElementById('fk');
  var out = d.getElementById('fo'), timer = 0;
  var rows = Array.prototype.slice.call(d.querySelectorAll('#ft tbody.f'));
  function differs(select, row, name) {
    return select.value === '' ? false : row.getAttribute(name) !== select.value;
  }
  function run() {
    var words = text.value.trim().toLowerCase().split(/\s+/), shown = 0;
    rows.forEach(function (row) {
      var hay = row.getAttribute('data-t');
      row.hidden = differs(state, row, 'data-s') || differs(role, row, 'data-k') ||
        words.some(function (w) { return hay.indexOf(w) === -1; });
      shown += row.hidden ? 0 : 1;
    });
    out.textContent = shown + ' of ' + rows.length + ' attributes shown';
  }
  if (text) {
    [text, state, role].forEach(function (e) {
      e.addEventListener('input', function () {
        clearTimeout(timer);
        timer = setTimeout(run, 80);
      });
    });
    run();
  }
}());
