// Browsers start no worker from a folder (file://). There, a hidden frame does the work of the search instead: it gets the
// worker's script and speaks through the same two calls, postMessage and the event "message".
if (location.protocol === "file:") {
  class IFrameWorker extends EventTarget {
    constructor(url) {
      super()
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      document.body.appendChild(this.frame)
      const inside = this.frame.contentWindow
      // Scripts load one after the other, and each call waits for its own.
      inside.importScripts = (...urls) =>
        urls.reduce((before, each) => before.then(() => this.load(each)), Promise.resolve())
      inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      inside.addEventListener = (type, listener) => { if (type === "message") this.listener = listener }
      this.ready = this.load(url)
    }

    load(url) {
      return new Promise((resolve, reject) => {
        const script = this.frame.contentDocument.createElement("script")
        script.src = url
        script.onload = resolve
        script.onerror = reject
        this.frame.contentDocument.body.appendChild(script)
      })
    }

    postMessage(data) {
      this.ready.then(() => this.listener(new MessageEvent("message", { data })))
    }

    set onmessage(listener) { this.addEventListener("message", listener) }

    terminate() { this.frame.remove() }
  }
  window.IFrameWorker = IFrameWorker
  window.Worker = IFrameWorker
}
