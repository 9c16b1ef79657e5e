// The faces of a picture that the site has, asked for until they are found.
const FIRST_PAUSE = 150;
const LONGEST_PAUSE = 1000;
const PATIENCE = 30_000;

/** What is known of the picture's faces: null after a while, or where the site does not answer such a question.
 * Throws an AbortError once the signal is given. */
export async function facesOf(address, { signal }) {
  const end = performance.now() + PATIENCE;
  for (let pause = FIRST_PAUSE; performance.now() < end; pause = Math.min(1.5 * pause, LONGEST_PAUSE)) {
    const answer = await asked(address, signal);
    if (answer === null || answer.state === "found") return answer;
    await rest(pause, signal);
  }
  return null;
}

async function asked(address, signal) {
  try {
    const answer = await fetch(address, { signal });
    return answer.ok ? await answer.json() : null;
  } catch (error) {
    if (signal.aborted) throw error;
    // The network is away for a moment: the question is put again.
    return {};
  }
}

function rest(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
}
