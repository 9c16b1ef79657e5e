// What every page has.
import "./dialogs.js";
import "./keys.js";
import "./toasts.js";
import "./local-time.js";
