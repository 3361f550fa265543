/** The page. */
export const indexHtml = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Chat</title>
<style>
  body { font: 1rem/1.5 system-ui; max-width: 40rem; margin: 2rem auto; }
  #messages { list-style: none; padding: 0; }
</style>
<h1>Chat</h1>
<form id="sign-in">
  <input name="name" placeholder="name" required>
  <input name="tenant" placeholder="company" required>
  <input name="room" placeholder="room" required>
  <button>Sign in</button>
</form>
<p id="status">signed out</p>
<p>Here: <span id="members"></span></p>
<ul id="messages"></ul>
<form id="say">
  <input name="text" placeholder="say something" autocomplete="off" required>
  <button>Send</button>
</form>
<button id="sign-out">Sign out everywhere</button>
<script type="module" src="/page.js"></script>
</html>
`;
