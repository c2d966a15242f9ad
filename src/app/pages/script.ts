/**
 * What the pages do beyond forms and links, where scripts run: a button says that it is working, the Enter key sends a chat message, and
 * a chat shows its answer while it is written. Markup comes from the server, escaped there; nothing is made of text here.
 */
export const SCRIPT = `
'use strict';
document.addEventListener('submit', (event) => {
  const button = event.submitter;
  if (event.target.dataset.sent) return event.preventDefault();
  if (!button || !button.dataset.busy) return;
  event.target.dataset.sent = 'yes';
  button.setAttribute('aria-disabled', 'true');
  button.textContent = button.dataset.busy;
});
// A page that comes back by the Back button is as it was before the form was sent.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
document.addEventListener('keydown', (event) => {
  const { target } = event;
  if (event.key !== 'Enter' || event.isComposing || target.tagName !== 'TEXTAREA' || !target.form) return;
  const sends = target.dataset.enter ? !event.shiftKey : event.ctrlKey || event.metaKey;
  if (!sends) return;
  event.preventDefault();
  target.form.requestSubmit(target.form.querySelector('button[data-default]'));
});
// Not on a phone, where the keyboard would cover the conversation.
if (matchMedia('(pointer: fine)').matches) document.getElementById('message')?.focus({ preventScroll: true });
const follow = document.querySelector('[data-follow]');
if (follow) {
  const list = document.getElementById('talk');
  const atEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - 120;
  const source = new EventSource(follow.dataset.follow);
  source.addEventListener('item', (event) => {
    const stick = atEnd();
    const { id, html } = JSON.parse(event.data);
    const holder = document.createElement('ol');
    holder.innerHTML = html;
    const item = holder.firstElementChild;
    const old = document.getElementById(id);
    if (old) old.replaceWith(item); else list.append(item);
    if (stick) scrollTo(0, document.documentElement.scrollHeight);
  });
  source.addEventListener('end', () => { source.close(); location.replace(location.pathname + '#end'); location.reload(); });
}
`;
