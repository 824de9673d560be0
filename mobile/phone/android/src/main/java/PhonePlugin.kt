package app.purse.phone

import android.app.Activity
import android.app.KeyguardManager
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.util.Base64
import android.webkit.WebView
import androidx.activity.OnBackPressedCallback
import androidx.appcompat.app.AppCompatActivity
import androidx.core.content.FileProvider
import app.tauri.annotation.Command
import app.tauri.annotation.InvokeArg
import app.tauri.annotation.TauriPlugin
import app.tauri.plugin.Channel
import app.tauri.plugin.Invoke
import app.tauri.plugin.JSObject
import app.tauri.plugin.Plugin
import java.io.File
import java.io.IOException

@InvokeArg
class Text {
    lateinit var text: String
}

@InvokeArg
class SharedFile {
    lateinit var name: String
    lateinit var kind: String
    lateinit var bytes: String
}

@InvokeArg
class Listen {
    lateinit var handler: Channel
}

/** The share sheet and the back gesture. Who checks what is shared is `mobile/phone/src/share.rs`. */
@TauriPlugin
class PhonePlugin(private val activity: Activity) : Plugin(activity) {
    /** Shared with other apps by `res/xml/file_paths.xml`, and nothing else is. */
    private val folder = File(activity.cacheDir, "shared")

    override fun load(webView: WebView) {
        super.load(webView)
        // What was shared last time has been read by now.
        folder.deleteRecursively()
    }

    @Command
    fun shareText(invoke: Invoke) {
        val args = invoke.parseArgs(Text::class.java)
        val send = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, args.text)
        show(invoke, send)
    }

    @Command
    fun shareFile(invoke: Invoke) {
        val args = invoke.parseArgs(SharedFile::class.java)
        val file = File(folder, args.name)
        if (file.canonicalFile.parentFile != folder.canonicalFile) {
            invoke.reject("no name for a file")
            return
        }
        try {
            folder.mkdirs()
            file.writeBytes(Base64.decode(args.bytes, Base64.DEFAULT))
        } catch (error: IOException) {
            invoke.reject("the file is not written: ${error.message}")
            return
        }
        val uri = FileProvider.getUriForFile(activity, "${activity.packageName}.fileprovider", file)
        val send = Intent(Intent.ACTION_SEND)
            .setType(args.kind)
            .putExtra(Intent.EXTRA_STREAM, uri)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        show(invoke, send)
    }

    @Command
    fun onBack(invoke: Invoke) {
        val channel = invoke.parseArgs(Listen::class.java).handler
        activity.runOnUiThread {
            // The last one added is asked first: before Tauri's own, which knows nothing of sheets.
            val callback = object : OnBackPressedCallback(true) {
                override fun handleOnBackPressed() {
                    channel.send(JSObject())
                }
            }
            (activity as AppCompatActivity).onBackPressedDispatcher.addCallback(activity, callback)
            invoke.resolve()
        }
    }

    @Command
    fun lock(invoke: Invoke) {
        val keyguard = activity.getSystemService(Context.KEYGUARD_SERVICE) as KeyguardManager
        val said = JSObject()
        said.put("hasLock", keyguard.isDeviceSecure)
        invoke.resolve(said)
    }

    @Command
    fun leave(invoke: Invoke) {
        activity.runOnUiThread {
            activity.moveTaskToBack(true)
            invoke.resolve()
        }
    }

    private fun show(invoke: Invoke, send: Intent) {
        activity.runOnUiThread {
            try {
                activity.startActivity(Intent.createChooser(send, null))
                invoke.resolve()
            } catch (error: ActivityNotFoundException) {
                invoke.reject("no app takes it: ${error.message}")
            }
        }
    }
}
