// What can be done with the cards of a gallery that has any.
import "./card-holding.js";
import "./deleting.js";
import "./gallery-keys.js";
import "./place.js";
import "./select-by-dragging.js";
