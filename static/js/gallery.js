// The gallery: swaps in work bring themselves up to date.
import "./ask-again.js";
