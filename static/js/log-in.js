// Whoever is to log in may be somebody else at the same tab: what was pasted for the examples is forgotten.
import { keep } from "./api-token.js";

keep("");
