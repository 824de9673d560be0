package app.purse.wallet

import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import androidx.activity.enableEdgeToEdge
import androidx.core.view.ViewCompat
import androidx.core.view.WindowInsetsCompat

class MainActivity : TauriActivity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        enableEdgeToEdge()
        super.onCreate(savedInstanceState)
        keepClear(findViewById(android.R.id.content))
        hideFromOthers()
    }

    /**
     * Of bars, cameras and the keyboard. Web views before 2025 say nothing of bars to their pages
     * (env(safe-area-inset-top) is 0), and none is told of the keyboard; here it is the same on all of them.
     */
    private fun keepClear(content: View) {
        ViewCompat.setOnApplyWindowInsetsListener(content) { view, insets ->
            val taken = insets.getInsets(
                WindowInsetsCompat.Type.systemBars() or
                    WindowInsetsCompat.Type.displayCutout() or
                    WindowInsetsCompat.Type.ime()
            )
            view.setPadding(taken.left, taken.top, taken.right, taken.bottom)
            WindowInsetsCompat.CONSUMED
        }
    }

    /** Balances and recovery codes are nothing for the app switcher, screenshots or a shared screen. */
    private fun hideFromOthers() {
        if (!BuildConfig.DEBUG) {
            window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            // Another app's window over this one gets no say in what is tapped here.
            window.setHideOverlayWindows(true)
        }
    }
}
